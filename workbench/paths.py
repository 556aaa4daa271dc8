"""Where runs, data sets, weights, recipes and assets live.

``WORKBENCH_RUNS`` and ``WORKBENCH_DATASETS`` decide. Without them ``runs/`` and ``datasets/`` of
the nearest folder at or above the current one that holds ``recipes/`` and ``app.py``, else of the
current folder. ``recipes/`` and ``assets/`` are found in an installed package (``_shipped/``, which
its build fills) or beside it in a checkout, never from the current folder.
"""

import os
from pathlib import Path

from workbench.errors import PlaceError

PACKAGE = Path(__file__).resolve().parent


def project_folder() -> Path:
    """The nearest folder at or above the current one that holds ``recipes/`` and ``app.py``."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "recipes").is_dir() and (folder / "app.py").is_file():
            return folder
    return here


def runs_folder() -> Path:
    """The folder of all runs (it may not exist yet)."""
    return _from_environment("WORKBENCH_RUNS") or project_folder() / "runs"


def datasets_folder() -> Path:
    """The folder of all data sets (it may not exist yet)."""
    return _from_environment("WORKBENCH_DATASETS") or project_folder() / "datasets"


def weights_folder() -> Path:
    """The folder of pretrained weights, inside the data sets folder."""
    return datasets_folder() / "weights"


def calibrations_folder() -> Path:
    """The folder of what trainings cost on this machine, beside the runs; it may be deleted."""
    return runs_folder() / ".calibrations"


def recipes_folder() -> Path:
    """The folder of presets: ``WORKBENCH_RECIPES``, else in the package or beside it.

    Raises PlaceError where neither exists.
    """
    return _from_environment("WORKBENCH_RECIPES") or _with_package("recipes")


def assets_folder() -> Path:
    """The folder of scripts, styles and pictures of the faces."""
    return _with_package("assets")


def confined(root: Path, *parts: str) -> Path:
    """``root / parts``, refused where links or dots lead outside ``root``.

    Raises PlaceError for a path that leaves its root.
    """
    base = root.resolve()
    path = base.joinpath(*parts).resolve()
    if not path.is_relative_to(base):
        raise PlaceError(f"'{'/'.join(parts)}' leads outside {root}: use a path inside it.")
    return path


def _from_environment(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value).expanduser().absolute() if value else None


def _with_package(name: str) -> Path:
    # An installed package has its own: what else lies beside it in site-packages is not ours.
    for folder in (PACKAGE / "_shipped" / name, PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise PlaceError(
        f"The folder '{name}' is neither in the package {PACKAGE} nor beside it: install it again."
    )

"""Panels of other packages: a tab of the page each, with its routes, scripts and styles.

>>> from pathlib import Path
>>> mine = OwnPanel("hello", "Hello", scripts=(Path("hello.js"),))
>>> mine.name, mine.title
('hello', 'Hello')
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import PlaceError

if TYPE_CHECKING:
    from fastapi import APIRouter

BUILT_IN = frozenset({"train", "runs", "rankings", "parts", "map", "data", "learn"})


@dataclass(frozen=True)
class OwnPanel:
    """A panel that is a function of JavaScript, ``Workbench.<name> = function (element, host)``.

    In a notebook it is a subclass of ``workbench.ui.notebook.Panel`` whose ``_panel`` is the name.

    Attributes:
        name: of the function, and of its tab in a link.
        title: of its tab.
        scripts: files that define the function.
        styles: files of its styles.
        router: its routes, below ``/api/<name>``; None without any.
    """

    name: str
    title: str
    scripts: tuple[Path, ...]
    styles: tuple[Path, ...] = ()
    router: "APIRouter | None" = None


PANELS: dict[str, OwnPanel] = {}
"""By name, in the order of their tabs, which come behind those of the workbench."""


def add_panel(panel: OwnPanel) -> None:
    """Add a panel to every page that is built from now on.

    Raises PlaceError where there is one of this name, or a file of it is missing.
    """
    if panel.name in BUILT_IN or panel.name in PANELS:
        raise PlaceError(f"There is a panel named {panel.name} already: rename one.")
    for file in (*panel.scripts, *panel.styles):
        if not file.is_file():
            raise PlaceError(f"Panel {panel.name}: there is no file {file}. Put it there.")
    PANELS[panel.name] = panel

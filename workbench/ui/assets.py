"""The scripts and styles that every face shows, as one text each with a digest for caching."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Literal

from workbench.paths import assets_folder
from workbench.ui.panels import PANELS

SCRIPTS = (
    "workbench",
    "charts",
    "tools",
    "series",
    "curves",
    "comparison",
    "presets",
    "fields",
    "form",
    "starter",
    "paste",
    "editor",
    "head",
    "journal",
    "hits",
    "filmstrip",
    "film_ranks",
    "monitor",
    "runs",
    "choosers",
    "queries",
    "ranked",
    "formation",
    "reranking",
    "upload",
    "rankings",
    "part_cards",
    "attention",
    "lengths",
    "parts",
    "map_data",
    "map_groups",
    "map_legend",
    "map_words",
    "map_overlay",
    "map_plot",
    "map_time",
    "map_card",
    "map_picks",
    "map_board",
    "map",
    "samples",
    "upkeep",
    "dataset",
    "data",
    "learn_parts",
    "lesson_cards",
    "lesson_charts",
    "lesson_figures",
    "lesson_plane",
    "lesson_player",
    "lesson_training",
    "lesson_losses",
    "learn",
)
STYLES = (
    "workbench",
    "form",
    "monitor",
    "runs",
    "rankings",
    "filmstrip",
    "parts",
    "looking",
    "map",
    "data",
    "learn",
)


def bundle(kind: Literal["js", "css"], *extra: str) -> str:
    """All scripts (``js``) or styles (``css``) in the order they need, then the ``extra`` ones.

    Those of panels that other packages added come last. Raises PlaceError where the assets folder
    is missing.
    """
    own = [panel.scripts if kind == "js" else panel.styles for panel in PANELS.values()]
    return "\n".join([_shipped(kind, extra), *(_text(file) for files in own for file in files)])


@cache
def _shipped(kind: Literal["js", "css"], extra: tuple[str, ...]) -> str:
    names = (*(SCRIPTS if kind == "js" else STYLES), *extra)
    return "\n".join(_text(assets_folder() / f"{name}.{kind}") for name in names)


@cache
def _text(file: Path) -> str:
    return file.read_text("utf-8")


def digest(text: str | bytes) -> str:
    """12 hexadecimal digits that change when the text does, for addresses cached for ever."""
    data = text.encode() if isinstance(text, str) else text
    return hashlib.sha256(data).hexdigest()[:12]

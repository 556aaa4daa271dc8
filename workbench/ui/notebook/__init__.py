"""The panels of the page as notebook widgets, over the same runs folder.

Every panel is also plain Python: ``panel.value``, ``panel.on_change``, ``panel.to_dataframe`` and
``panel.to_plotly``. Nothing is imported before it is used.

    >>> from workbench.ui import notebook
    >>> sorted(notebook.__all__)[:3]
    ['ComparePanel', 'CurvesPanel', 'MapPanel']
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.ui.notebook.panel import Panel as Panel

_HOMES = {
    "Panel": "workbench.ui.notebook.panel",
}

__all__ = ["Panel"]


def __getattr__(name: str) -> object:
    """Import a panel when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'workbench.ui.notebook' has no attribute '{name}'")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return [*__all__]

"""A panel on show: first a picture of it, which the widget hides once it is there.

A notebook that is opened when its kernel is gone has lost its widgets, and JupyterLab says so in
their place: "Error displaying widget: model not found". The picture is an output of its own, so it
stays, with what to do; its style takes the message away. Places that run no widget show the picture
alone.
"""

from typing import Any

from IPython.display import display
from ipywidgets import DOMWidget

AGAIN = (
    "As it was when the cell was run. Run the cell again to use it; where that changes nothing,"
    " widgets are not enabled: open the notebook with make lab."
)
LOST = (
    ".jp-OutputArea-child:has(.wb-still)+.jp-OutputArea-child:not(:has(.wb-notebook,.wb-opening))"
    "{display:none}"
)
"""What stands behind a picture and is no panel: a widget without its kernel."""
CLOSED = "This panel is closed: make a new one."


def show(widget: DOMWidget, still: str, name: str) -> None:
    """Show a picture (HTML) and over it the widget, which finds the picture by its name."""
    if widget.comm is None:
        display({"text/plain": CLOSED}, raw=True)
        return
    words = f'<p style="font-size:12px;margin:0 0 8px">{AGAIN}</p>'
    page = f'<style>{LOST}</style><div class="wb-still" data-still="{name}">{still}{words}</div>'
    display({"text/html": page, "text/plain": AGAIN}, raw=True)
    bundle: Any = widget._repr_mimebundle_()
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    # Elsewhere this output is empty: the picture has said it all.
    display({**data, "text/html": "", "text/plain": ""}, metadata=metadata, raw=True)

"""What every panel in a notebook is: a widget whose script is a function of ``assets/``.

The script is the page's own. ``value`` says what is shown and is kept by the widget, so that it is
there again when the browser loads the notebook anew; everything else the script asks for by
messages, which are answered beside the kernel's own work.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from secrets import token_hex
from typing import Any, ClassVar

import anywidget
import pandas as pd
import plotly.graph_objects as go
from traitlets import Dict, Unicode

from workbench.errors import WorkbenchError
from workbench.paths import assets_folder
from workbench.ui.assets import digest
from workbench.ui.notebook.answers import Answer, answer, script, styles
from workbench.ui.notebook.showing import show
from workbench.ui.notebook.still import document, paragraph

Value = dict[str, Any]
Stop = Callable[[], None]

_workers = ThreadPoolExecutor(4, thread_name_prefix="workbench panel")
"""What answers the questions of all panels: a slow answer keeps neither a cell nor a panel."""


class Panel(anywidget.AnyWidget):
    """A panel of the page in a notebook.

    A subclass names the function of ``assets/`` that draws it, and says in Python what it shows:

        >>> from traitlets import Unicode
        >>> class Hello(Panel):
        ...     _panel = Unicode("hello").tag(sync=True)
        >>> panel = Hello({"name": "you"})
        >>> seen = []
        >>> stop = panel.on_change(seen.append)
        >>> panel.value = {"name": "everybody"}
        >>> stop()
        >>> seen
        [{'name': 'everybody'}]
    """

    _esm = (assets_folder() / "notebook_entry.js").read_text("utf-8")
    _panel = Unicode().tag(sync=True)
    _version = Unicode().tag(sync=True)
    _plotly = Unicode(version("plotly")).tag(sync=True)
    value: Any = Dict().tag(sync=True)
    picture: Any = Unicode().tag(sync=True)
    """A name for the picture that stands before the panel, by which the panel finds it."""

    title: ClassVar[str] = "Panel"
    """What the panel is called where it stands beside others."""

    def __init__(self, value: Value | None = None) -> None:
        """A panel that shows ``value``, a JSON object whose fields its script knows."""
        self._listeners: dict[str, list[Callable[[Value], None]]] = defaultdict(list)
        super().__init__(
            value=value or {},
            _version=digest(script() + styles()),
            picture=token_hex(8),
        )
        self.on_msg(self._on_message)

    def on_change(self, work: Callable[[Value], None]) -> Stop:
        """Call ``work`` with the new value whenever the person or Python changes it.

        Returns a function that ends it.
        """

        def changed(change: Any) -> None:  # noqa: ANN401 - traitlets hands in a bunch of its own
            work(change["new"])

        self.observe(changed, "value")
        return lambda: self.unobserve(changed, "value")

    def on_event(self, name: str, work: Callable[[Value], None]) -> Stop:
        """Call ``work`` with what belongs to an event that a panel tells of, ``rank`` for one.

        Returns a function that ends it.
        """
        self._listeners[name].append(work)
        return lambda: self._listeners[name].remove(work)

    def to_dataframe(self) -> pd.DataFrame:
        """What the panel shows as a table; a plain panel has none."""
        return pd.DataFrame()

    def to_plotly(self) -> go.Figure:
        """What the panel shows as a figure of plotly; a plain panel's is empty."""
        return go.Figure()

    def to_html(self) -> str:
        """A picture of what the panel shows, for places where no widget runs."""
        return paragraph("This panel needs a running notebook.")

    def _ipython_display_(self) -> None:
        """A picture, and the widget that takes its place; IPython asks for it (its own name)."""
        show(self, self.still(), self.picture)

    def still(self) -> str:
        """The picture under the panel's title, or the sentence that says why there is none."""
        try:
            return document(type(self).title, self.to_html())
        except WorkbenchError as error:
            return document(type(self).title, paragraph(str(error)))

    def _on_message(self, _: object, content: Value, buffers: list[memoryview]) -> None:
        match content:
            case {"ask": str(word), "path": str(path), "method": str(method), **more}:
                given = more.get("body")
                body = bytes(buffers[0]) if buffers else b""
                kind = "application/octet-stream" if buffers else "application/json"
                if given is not None:
                    body = json.dumps(given).encode()
                _workers.submit(self._reply, word, path, method, body, kind)
            case {"show": dict(value)}:
                # As ipywidgets takes what the browser knows already: it is not sent back.
                with self._lock_property(value=value):
                    self.value = value
            case {"tell": str(event), "data": dict(data)}:
                for work in [*self._listeners[event]]:
                    work(data)

    def _reply(self, word: str, path: str, method: str, body: bytes, kind: str) -> None:
        found: Answer = answer(path, method, body, kind)
        # A panel that was closed meanwhile has nobody to tell.
        if self.comm is not None:
            told = {"answer": word, "status": found.status, "type": found.kind}
            self.send(told, [found.content])

"""The panels of the page: ``gr.HTML`` components whose script is a function of ``assets/``.

Their markup never changes from Python. A value is a small JSON object that says what to show; the
script watches it, asks the server's own routes for the rest, and tells Python by events.

They are made by functions and not by subclasses: for every subclass of a component Gradio writes
a stub file beside the module that defines it.
"""

from functools import cache
from importlib.metadata import version
from typing import Any

import gradio as gr

from workbench.ui.assets import bundle, digest

Value = dict[str, Any]


def header(html: str) -> gr.HTML:
    """What stands above the tabs: a fixed text with the button for light and dark."""
    return gr.HTML(
        html_template=html,
        js_on_load=_when_loaded("Workbench.themeButton(element);"),
        apply_default_css=False,
        head=head(),
    )


def recipe_editor(value: Value) -> gr.HTML:
    """Preset cards, the form, Start. Value: ``{preset, overrides}``; event: ``started {run}``."""
    return _panel("editor", value, "started")


def run_monitor(value: Value) -> gr.HTML:
    """One run with curves and log. Value: ``{run}``; events: ``rank {run, query}``, ``reuse``."""
    return _panel("monitor", value, "rank", "reuse")


def run_table(value: Value) -> gr.HTML:
    """All runs, and curves of several. Value: ``{}``; events: ``show {run}``, ``rank {run}``."""
    return _panel("runs", value, "show", "rank")


def ranking_view(value: Value) -> gr.HTML:
    """Ranked lists of a run. Value: ``{run, weights, source, query, k, rerank}``.

    Event: ``parts {run, weights, source, query, hit}``.
    """
    return _panel("rankings", value, "parts")


def parts_view(value: Value) -> gr.HTML:
    """Heatmaps of a pair. Value: ``{run, weights, source, query, hit, method}``.

    Event: ``rank {run, weights, source, query}``.
    """
    return _panel("parts", value, "rank")


def map_view(value: Value) -> gr.HTML:
    """The embedding as a plane. Value: ``{run, weights, method, colour, step, point}``.

    Events: ``aim {run, weights, source, query}`` makes an image the query of the rankings, ``rank``
    of the same also shows them.
    """
    return _panel("map", value, "aim", "rank")


def data_panel(value: Value) -> gr.HTML:
    """All data sets. Value: ``{dataset, identity}``; event: ``train {preset, overrides}``."""
    return _panel("data", value, "train")


def learn_panel(value: Value) -> gr.HTML:
    """Lessons. Value: ``{lesson, setting, hide, language, training}``."""
    return _panel("learn", value)


def own_panel(name: str) -> gr.HTML:
    """A panel that another package added. Value: ``{}``."""
    return _panel(name, {})


def _panel(function: str, value: Value, *events: str) -> gr.HTML:
    # An event exists for Gradio where its name stands quoted in the script.
    names = ", ".join(f'"{event}"' for event in events)
    return gr.HTML(
        value,
        html_template='<div class="wb-panel"></div>',
        js_on_load=_when_loaded(
            f"Workbench.gradio(Workbench.{function}, element, {{props, trigger, watch}},"
            f" [{names}]);"
        ),
        apply_default_css=False,
        elem_id=function,
        head=head(),
        plotly=version("plotly"),
    )


def _when_loaded(work: str) -> str:
    """A script that waits for the panels' own: of several components Gradio loads it for one."""
    return (
        f"(function begin() {{ if (globalThis.Workbench) {work} else setTimeout(begin, 20); }})();"
    )


@cache
def head() -> str:
    """The panels' script and styles, by addresses that change with their content."""
    script, style = digest(bundle("js", "gradio")), digest(bundle("css", "page"))
    return (
        f'<link rel="stylesheet" href="panel/workbench.css?v={style}">'
        f'<script src="panel/workbench.js?v={script}"></script>'
    )

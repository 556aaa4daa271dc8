"""The page: which panels there are, and how one leads to another. No decisions are made here."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from workbench.runs.management import find_run
from workbench.ui.gradio.components import (
    Value,
    data_panel,
    header,
    learn_panel,
    map_view,
    own_panel,
    parts_view,
    ranking_view,
    recipe_editor,
    run_monitor,
    run_table,
)
from workbench.ui.gradio.endpoints import add_endpoints
from workbench.ui.links import Link, Tab, read_link
from workbench.ui.panels import PANELS
from workbench.ui.views.train.recipe_view import settings_of

NOWHERE = Link()
TITLE = "Re-ID Workbench"
INVITATION = (
    "Press Start. The recipe selected at first, Quick, draws its own people on this machine, learns"
    " to tell them apart and shows what it ranks: two to three minutes on two processor cores,"
    " nothing to download."
)
HEADER = """
<header class="wb-header">
  <img src="panel/mark.svg" alt="" width="30" height="30">
  <strong>Re-ID Workbench</strong>
  <p>Train, compare and look inside re-identification models, on this machine.</p>
  <div class="wb-theme wb-panel"></div>
</header>
"""


SHOWN: dict[Tab, tuple[str, ...]] = {
    "train": ("run",),
    "rankings": ("run", "weights", "source", "query", "k", "rerank"),
    "parts": ("run", "weights", "source", "query", "hit", "method"),
    "map": ("run", "weights", "method", "colour", "step", "point"),
    "data": ("dataset", "identity"),
    "learn": ("lesson", "setting", "hide", "language", "training"),
}
"""Fields of a link that are the value of a tab's panel."""


def build_page() -> gr.Blocks:
    """All tabs with their panels, wired, and the named endpoints."""
    with gr.Blocks(title=TITLE, fill_width=True, analytics_enabled=False) as page:
        header(HEADER)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab("Train", id="train"), gr.Row(elem_classes="wb-layout"):
                editor = recipe_editor({})
                monitor = run_monitor(_value("train"))
            with gr.Tab("Runs", id="runs", render_children=True):
                table = run_table({})
            with gr.Tab("Rankings", id="rankings", render_children=True):
                rankings = ranking_view(_value("rankings"))
            with gr.Tab("Parts", id="parts", render_children=True):
                parts = parts_view(_value("parts"))
            with gr.Tab("Map", id="map", render_children=True):
                chart = map_view(_value("map"))
            with gr.Tab("Data", id="data", render_children=True):
                data = data_panel({})
            with gr.Tab("Learn", id="learn", render_children=True):
                learn = learn_panel({})
            for own in PANELS.values():
                with gr.Tab(own.title, id=own.name, render_children=True):
                    own_panel(own.name)
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        panels = [monitor, rankings, parts, chart, data, learn]
        page.load(_arrive, None, [tabs, editor, *panels], **quiet)
        # What a person does in one panel leads to another.
        ways: tuple[tuple[Any, Tab, gr.HTML], ...] = (
            (table.show, "train", monitor),
            (table.rank, "rankings", rankings),
            (monitor.rank, "rankings", rankings),
            (rankings.parts, "parts", parts),
            (parts.rank, "rankings", rankings),
            (chart.rank, "rankings", rankings),
        )
        for event, tab, panel in ways:
            event(_leads_to(tab), None, [tabs, panel], **quiet)
        editor.started(_tells("train"), None, monitor, **quiet)
        # A person may click quickly: every click counts, the last one too.
        chart.aim(_tells("rankings"), None, rankings, trigger_mode="multiple", **quiet)
        monitor.reuse(_reuse, None, editor, **quiet)
        data.train(_train, None, [tabs, editor], **quiet)
        add_endpoints()
    return page


def _arrive(request: gr.Request) -> tuple[gr.Tabs, *tuple[Value, ...]]:
    link = read_link(dict(request.query_params))
    values = [_value(tab, link) for tab in SHOWN]
    wanted = request.query_params.get("tab", "")
    selected = wanted if wanted in PANELS else link.tab
    return gr.Tabs(selected=selected), {"preset": link.preset}, *values


def _leads_to(tab: Tab) -> Callable[[gr.EventData], tuple[gr.Tabs, Value]]:
    def lead(event: gr.EventData) -> tuple[gr.Tabs, Value]:
        return gr.Tabs(selected=tab), _told(tab, event)

    return lead


def _tells(tab: Tab) -> Callable[[gr.EventData], Value]:
    def tell(event: gr.EventData) -> Value:
        return _told(tab, event)

    return tell


def _told(tab: Tab, event: gr.EventData) -> Value:
    """What an event says of a panel's value; fields it leaves out are as usual."""
    usual = _value(tab)
    return {name: getattr(event, name, value) for name, value in usual.items()}


def _value(tab: Tab, link: Link = NOWHERE) -> Value:
    value = {name: getattr(link, name) for name in SHOWN[tab]}
    if "run" in value:
        value["run"] = link.run or None
    return value | ({"invitation": INVITATION} if tab == "train" else {})


def _train(event: gr.EventData) -> tuple[gr.Tabs, Value]:
    recipe = {"preset": event.preset, "overrides": event.overrides}
    return gr.Tabs(selected="train"), recipe


def _reuse(event: gr.EventData) -> Value:
    return settings_of(find_run(event.run))

"""The page: which panels there are, and how one leads to another. No decisions are made here."""

from typing import Any

import gradio as gr

from workbench.runs.registry import find_run
from workbench.ui.gradio.components import (
    data_panel,
    header,
    learn_panel,
    map_view,
    parts_view,
    ranking_view,
    recipe_editor,
    run_monitor,
    run_table,
)
from workbench.ui.gradio.endpoints import add_endpoints
from workbench.ui.links import Link, read_link
from workbench.ui.recipe_view import settings_of

TITLE = "Re-ID Workbench"
INVITATION = (
    "Press Start. The selected recipe draws its own people on this machine, learns to tell them"
    " apart and shows what it ranks: two to three minutes on two processor cores, nothing to"
    " download."
)
HEADER = """
<header class="wb-header">
  <img src="panel/mark.svg" alt="" width="30" height="30">
  <strong>Re-ID Workbench</strong>
  <p>Train, compare and look inside re-identification models, on this machine.</p>
  <div class="wb-theme wb-panel"></div>
</header>
"""


def build_page() -> gr.Blocks:
    """All tabs with their panels, wired, and the named endpoints."""
    with gr.Blocks(title=TITLE, fill_width=True, analytics_enabled=False) as page:
        header(HEADER)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab("Train", id="train"), gr.Row(elem_classes="wb-layout"):
                editor = recipe_editor({})
                monitor = run_monitor(_monitor(Link()))
            with gr.Tab("Runs", id="runs", render_children=True):
                table = run_table({})
            with gr.Tab("Rankings", id="rankings", render_children=True):
                rankings = ranking_view(_ranking(Link()))
            with gr.Tab("Parts", id="parts", render_children=True):
                parts = parts_view(_pair(Link()))
            with gr.Tab("Map", id="map", render_children=True):
                chart = map_view(_map(Link()))
            with gr.Tab("Data", id="data", render_children=True):
                data = data_panel({})
            with gr.Tab("Learn", id="learn", render_children=True):
                learn = learn_panel({})
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        page.load(_arrive, None, [tabs, editor, monitor, rankings, parts, chart], **quiet)
        editor.started(_follow, None, monitor, **quiet)
        monitor.reuse(_reuse, None, editor, **quiet)
        table.show(_open, None, [tabs, monitor], **quiet)
        for panel in (monitor, table):
            panel.rank(_rank, None, [tabs, rankings], **quiet)
        rankings.parts(_explain, None, [tabs, parts], **quiet)
        parts.rank(_back, None, [tabs, rankings], **quiet)
        chart.rank(_back, None, [tabs, rankings], **quiet)
        # A person may click quickly: every click counts, the last one too.
        chart.aim(_aim, None, rankings, trigger_mode="multiple", **quiet)
        page.load(_arrive_at_data, None, data, **quiet)
        page.load(_arrive_at_lesson, None, learn, **quiet)
        data.train(_train, None, [tabs, editor], **quiet)
        add_endpoints()
    return page


def _arrive(request: gr.Request) -> tuple[gr.Tabs, *tuple[dict[str, Any], ...]]:
    link = read_link(dict(request.query_params))
    tabs, preset = gr.Tabs(selected=link.tab), {"preset": link.preset}
    return tabs, preset, _monitor(link), _ranking(link), _pair(link), _map(link)


def _arrive_at_data(request: gr.Request) -> dict[str, Any]:
    link = read_link(dict(request.query_params))
    return {"dataset": link.dataset, "identity": link.identity}


def _arrive_at_lesson(request: gr.Request) -> dict[str, Any]:
    link = read_link(dict(request.query_params))
    return {"lesson": link.lesson, "setting": link.setting, "hide": link.hide}


def _train(event: gr.EventData) -> tuple[gr.Tabs, dict[str, Any]]:
    recipe = {"preset": event.preset, "overrides": event.overrides}
    return gr.Tabs(selected="train"), recipe


def _follow(event: gr.EventData) -> dict[str, Any]:
    return _monitor(Link(run=event.run))


def _open(event: gr.EventData) -> tuple[gr.Tabs, dict[str, Any]]:
    return gr.Tabs(selected="train"), _monitor(Link(run=event.run))


def _rank(event: gr.EventData) -> tuple[gr.Tabs, dict[str, Any]]:
    query = getattr(event, "query", None)
    return gr.Tabs(selected="rankings"), _ranking(Link(run=event.run, query=query))


def _explain(event: gr.EventData) -> tuple[gr.Tabs, dict[str, Any]]:
    link = Link(
        run=event.run,
        weights=event.weights,
        source=event.source,
        query=event.query,
        hit=event.hit,
    )
    return gr.Tabs(selected="parts"), _pair(link)


def _back(event: gr.EventData) -> tuple[gr.Tabs, dict[str, Any]]:
    link = Link(run=event.run, weights=event.weights, source=event.source, query=event.query)
    return gr.Tabs(selected="rankings"), _ranking(link)


def _aim(event: gr.EventData) -> dict[str, Any]:
    return _back(event)[1]


def _reuse(event: gr.EventData) -> dict[str, Any]:
    return settings_of(find_run(event.run))


def _monitor(link: Link) -> dict[str, Any]:
    return {"run": link.run or None, "invitation": INVITATION}


def _ranking(link: Link) -> dict[str, Any]:
    return {
        "run": link.run or None,
        "weights": link.weights,
        "source": link.source,
        "query": link.query,
        "k": link.k,
        "rerank": link.rerank,
    }


def _pair(link: Link) -> dict[str, Any]:
    return {
        "run": link.run or None,
        "weights": link.weights,
        "source": link.source,
        "query": link.query,
        "hit": link.hit,
        "method": link.method,
    }


def _map(link: Link) -> dict[str, Any]:
    return {
        "run": link.run or None,
        "weights": link.weights,
        "method": link.method,
        "colour": link.colour,
        "step": link.step,
        "point": link.point,
    }

import pytest

import workbench
from tests.ui import by_hand


def tell(panel, event, **data):
    panel._handle_custom_msg({"tell": event, "data": data}, [])


def front(tabs):
    return tabs.panels[tabs.selected_index].title


@pytest.mark.thorough
def test_the_lab_has_all_panels_as_tabs():
    tabs = workbench.lab()
    assert list(tabs.titles) == ["Train", "Runs", "Rankings", "Parts", "Map", "Compare"]
    assert len(tabs.children) == len(tabs.panels) == 6


@pytest.mark.thorough
def test_one_panel_leads_to_another(tmp_path):
    run = by_hand.embed(by_hand.write_run(), tmp_path)
    tabs = workbench.lab(run)
    tell(tabs.train, "rank", run=run.id, query=2)
    assert front(tabs) == "Rankings"
    assert tabs.rankings.query() == ("query", 2)
    tell(tabs.rankings, "parts", run=run.id, weights="raw", source="query", query=1, hit=2)
    assert front(tabs) == "Parts"
    assert tabs.parts.value["hit"] == 2
    tell(tabs.map, "aim", run=run.id, weights="raw", source="gallery", query=4)
    assert front(tabs) == "Parts"
    assert tabs.rankings.query() == ("gallery", 4)
    tell(tabs.runs, "show", run=run.id)
    assert front(tabs) == "Train"

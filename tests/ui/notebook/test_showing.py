"""A panel on show: the picture is an output of its own, before the widget."""

import pytest
from traitlets import Unicode

from tests.ui import by_hand
from workbench.paths import assets_folder
from workbench.ui.notebook import lab, showing
from workbench.ui.notebook.panel import Panel

VIEW = "application/vnd.jupyter.widget-view+json"


class Greeting(Panel):
    _panel = Unicode("greeting").tag(sync=True)
    title = "Greeting"


@pytest.fixture
def shown(monkeypatch):
    found = []
    monkeypatch.setattr(showing, "display", lambda data, **_: found.append(data))
    return found


def test_a_picture_comes_before_its_widget(shown):
    panel = Greeting()
    panel._ipython_display_()
    still, widget = shown
    assert set(still) == {"text/html", "text/plain"}
    assert "Greeting" in still["text/html"]
    assert showing.AGAIN in still["text/html"]
    assert "<script" not in still["text/html"]
    assert widget[VIEW]["model_id"] == panel.model_id
    assert widget["text/html"] == widget["text/plain"] == "", "elsewhere the picture is enough"


def test_each_panel_finds_its_own_picture(shown):
    first, second = Greeting(), Greeting()
    assert first.picture != second.picture
    first._ipython_display_()
    assert f'data-still="{first.picture}"' in shown[0]["text/html"]
    assert first.get_state("picture") == {"picture": first.picture}


def test_a_closed_panel_says_so(shown):
    panel = Greeting()
    panel.close()
    panel._ipython_display_()
    assert shown == [{"text/plain": showing.CLOSED}]


@pytest.mark.thorough
def test_the_lab_has_one_picture_which_its_first_tab_hides(shown):
    by_hand.write_run(until=30)
    tabs = lab()
    tabs._ipython_display_()
    still, widget = shown
    assert f'data-still="{tabs.train.picture}"' in still["text/html"]
    assert widget[VIEW]["model_id"] == tabs.model_id


def test_the_style_knows_the_classes_that_the_script_gives():
    entry = (assets_folder() / "notebook_entry.js").read_text("utf-8")
    panel = (assets_folder() / "notebook.js").read_text("utf-8")
    assert '"wb-opening"' in entry
    assert "[data-still=" in entry
    assert '"wb-notebook"' in panel
    assert all(name in showing.LOST for name in (".wb-still", ".wb-opening", ".wb-notebook"))

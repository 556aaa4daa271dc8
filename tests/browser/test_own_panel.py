"""A panel of somebody else's package: a tab of the page, from four files and nothing of ours."""

import re

import pytest

from tests.browser.conftest import Server

pytestmark = pytest.mark.browser

FILES = {
    "__init__.py": """
from pathlib import Path

from own.routes import router
from workbench.ui.panels import OwnPanel, add_panel

HERE = Path(__file__).parent
add_panel(OwnPanel("greeting", "Greeting", (HERE / "own.js",), (HERE / "own.css",), router))
""",
    "routes.py": """
from fastapi import APIRouter

router = APIRouter()


@router.get("/words")
def words(name: str = "you"):
    return {"words": f"Hello, {name}"}
""",
    "own.js": """
(function (W) {
  W.greeting = async function (element, host) {
    const { words } = await host.ask("api/greeting/words?name=everybody");
    element.append(W.make("p", { class: "own-words" }, words));
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
""",
    "own.css": ".own-words { font-weight: 700; }",
}
START = "import sys; sys.path.insert(0, {folder!r}); import own"


def test_a_panel_of_ones_own_is_a_tab_with_routes_scripts_and_styles(tmp_path, visit, monkeypatch):
    package = tmp_path / "own"
    package.mkdir()
    for name, text in FILES.items():
        (package / name).write_text(text)
    (tmp_path / "start").mkdir()
    (tmp_path / "start" / "sitecustomize.py").write_text(START.format(folder=str(tmp_path)))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "start"))
    server = Server(tmp_path).start()
    try:
        page = visit(server).open("?tab=greeting")
        shown = page.locator("#greeting .own-words")
        shown.wait_for()
        assert shown.inner_text() == "Hello, everybody"
        assert shown.evaluate("element => getComputedStyle(element).fontWeight") == "700"
        tabs = page.get_by_role("tab").all_inner_texts()
        assert re.sub(r"\\s+", " ", " ".join(tabs)).rstrip().endswith("Learn Greeting")
    finally:
        server.stop()
    assert len(FILES) <= 5

"""The page as Gradio knows it, built in a process of its own: panels, endpoints, imports."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ui.by_hand import write_run
from workbench.paths import PACKAGE

ROOT = PACKAGE.parent
BUILT = """
import json, socket, sys
asked = []
socket.getaddrinfo = lambda host, *_, **__: asked.append(host)
from workbench.ui.gradio.application import application
from workbench.ui.gradio.page import build_page
application()
page = build_page()
endpoints = page.get_api_info()["named_endpoints"]
print(json.dumps({
    "asked": asked,
    "torch": "torch" in sys.modules,
    "tabs": [one.label for one in page.blocks.values() if one.get_block_name() == "tabitem"],
    "endpoints": {
        name: [one["parameter_name"] for one in endpoint["parameters"]]
        for name, endpoint in endpoints.items()
    },
}))
"""


def test_app_is_short_and_imports_only_the_command_line():
    text = (ROOT / "app.py").read_text()
    assert len(text.splitlines()) <= 20
    nodes = list(ast.walk(ast.parse(text)))
    imported = [
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    ]
    imported += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    assert imported == ["sys", "workbench.cli"]


def test_a_run_can_be_taken_as_a_recipe_again():
    from workbench.ui.views.train.recipe_view import settings_of

    changes = {"training.seed": "3"}
    run = write_run(overrides=changes)
    assert settings_of(run) == {"preset": "playground/quick", "overrides": changes}


@pytest.fixture(scope="module")
def built():
    done = subprocess.run(
        [sys.executable, "-c", BUILT], capture_output=True, text=True, cwd=ROOT, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.process
def test_the_first_page_needs_neither_torch_nor_the_network(built):
    assert (built["torch"], built["asked"]) == (False, [])


@pytest.mark.process
def test_tabs(built):
    assert built["tabs"] == ["Train", "Runs", "Rankings", "Parts", "Map", "Data", "Learn"]


@pytest.mark.process
def test_named_endpoints_take_what_scripts_rely_on(built):
    assert built["endpoints"] == {
        "/start_run": ["preset", "overrides", "token"],
        "/run_status": ["run"],
        "/stop_run": ["run", "token"],
        "/resume_run": ["run", "token", "until"],
        "/rank": ["run", "query", "k", "weights"],
    }


@pytest.mark.process
def test_gradio_writes_no_stub_files_into_the_package(built):
    assert list(Path(PACKAGE).rglob("*.pyi")) == []

"""The notebooks: what their sources say, small enough to be read, and each runs to its end."""

import ast
import importlib.util
import json
import re

import nbformat
import pytest
from nbclient import NotebookClient

from workbench.paths import PACKAGE

FOLDER = PACKAGE.parent / "notebooks"
TINY = {
    "run.name": "quickstart",
    "run.devices": ["cpu"],
    "run.threads": 1,
    "training.precision": "fp32",
    "training.length.count": 4,
    "training.evaluate.count": 2,
    "data.dataset.train_identities": 8,
    "data.dataset.test_identities": 6,
    "data.dataset.image_height": 64,
    "data.height": 64,
    "data.width": 32,
    "data.sampler.identities": 4,
    "model.backbone.width": 8,
}
LARGEST = 200_000
SECONDS = 900


def script(name):
    found = importlib.util.spec_from_file_location(f"notebook_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


BUILDER, EXPORTER = script("build"), script("export")
SOURCES = BUILDER.sources()


def executed(name, tmp_path, changes):
    """A notebook run from top to bottom in a folder of its own, its parameters changed."""
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", 4)
    place = next(
        number
        for number, cell in enumerate(notebook.cells)
        if "parameters" in cell.metadata.get("tags", [])
    )
    lines = "\n".join(f"{key} = {value!r}" for key, value in changes.items())
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(lines))
    settings = {"resources": {"metadata": {"path": str(tmp_path)}}, "store_widget_state": False}
    NotebookClient(notebook, timeout=SECONDS, **settings).execute()
    return notebook


def outputs(notebook):
    return [out for cell in notebook.cells for out in cell.get("outputs", [])]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_is_what_its_source_says(source):
    written = BUILDER.notebook_of(source).read_text("utf-8")
    assert written == BUILDER.built(source), "run: python notebooks/build.py"
    assert len(written) < LARGEST
    nbformat.validate(json.loads(written))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_imports_the_public_face_alone(source):
    names = set()
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    ours = {name for name in names if name.startswith("workbench")}
    assert all(name == "workbench" or name.startswith("workbench.ui") for name in ours)


def test_every_notebook_has_a_source():
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {path.stem for path in SOURCES}


def test_cells_are_text_or_code_with_ids_that_stay():
    text = '# no cell\n# %% [markdown]\n# # Title\n#\n# words\n\n# %% tags=["parameters"]\nX = 1\n'
    title, code = BUILDER.cells(text)
    assert (title["cell_type"], title["id"]) == ("markdown", "00-markdown")
    assert title["source"] == ["# Title\n", "\n", "words"]
    assert (code["id"], code["source"]) == ("01-code", ["X = 1"])
    assert code["metadata"] == {"tags": ["parameters"]}
    assert BUILDER.cells(text.replace("X = 1", "X = 2"))[1]["id"] == "01-code"


@pytest.mark.thorough
def test_a_page_of_a_notebook_has_pictures_and_asks_nobody(tmp_path, capsys, monkeypatch):
    still = nbformat.v4.new_output("display_data", {"text/html": "<b>a picture</b>"})
    widget = nbformat.v4.new_output("display_data", {EXPORTER.WIDGET: {"model_id": "a"}})
    cell = nbformat.v4.new_code_cell("panel", outputs=[still, widget])
    state = {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}}}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=state)
    path = tmp_path / "shown.ipynb"
    nbformat.write(notebook, path)
    monkeypatch.setattr("sys.argv", ["export.py", str(path)])
    assert EXPORTER.main() == 0
    page = path.with_suffix(".html").read_text("utf-8")
    assert "<b>a picture</b>" in page
    assert "widget" not in page.partition("<body")[2]
    assert re.findall(r"<script|<link[^>]*stylesheet|src=.http", page) == []
    monkeypatch.setattr("sys.argv", ["export.py", str(tmp_path / "none.ipynb")])
    assert EXPORTER.main() == 2
    assert "There is no notebook" in capsys.readouterr().err


@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_quickstart_runs_from_top_to_bottom(tmp_path):
    notebook = executed("quickstart", tmp_path, {"OVERRIDES": TINY})
    found = outputs(notebook)
    assert "finished" in str(found)
    shown = [out["data"] for out in found if "data" in out]
    panels = [data for data in shown if "application/vnd.jupyter.widget-view+json" in data]
    stills = [data for data in shown if "wb-still" in data.get("text/html", "")]
    assert len(panels) == len(stills) == 5
    assert len(nbformat.writes(notebook)) < LARGEST
    page = EXPORTER.page_of(notebook)
    assert page.count("data:image/svg+xml") >= 3, "curves and map without any widget"
    assert page.count("data:image/jpeg") >= 2, "a ranked list without any widget"


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", ["quickstart", "your_own_folder", "reproduce_a_paper"])
def test_a_notebook_runs_as_shipped(name, tmp_path):
    notebook = executed(name, tmp_path, {})
    assert "finished" in str(outputs(notebook))
    assert len(nbformat.writes(notebook)) < LARGEST

"""What starts at once: which modules load torch or numpy, asked of fresh processes."""

import json
import subprocess
import sys

import pytest

TORCH_FREE_PACKAGES = [
    *("recipe", "recipe.settings", "recipe.checks", "runs", "runs.lifecycle"),
    *("data.readers", "data.catalogue", "data.synthetic.playground"),
    *("cli", "cli.commands", "ui", "ui.views", "ui.api"),
]
TORCH_FREE_MODULES = [
    "errors",
    "paths",
    "training.events",
    "lazy",
    "bench.calibration",
    "data.samples",
    "data.checks.check",
    "model.weights.files",
    "retrieval.metrics",
    "retrieval.ranked_list",
    "retrieval.rankings",
    "retrieval.embeddings.store",
    "retrieval.projection.projection",
    "retrieval.projection.trust",
    "inspection.maps",
    "inspection.map_making",
    "inspection.explained_pairs",
    "ui.api.routes",
]

FIND_LOADED = """
import importlib, json, pkgutil, sys
import workbench

names = [f"workbench.{name}" for name in sys.argv[1].split()]
for package in sys.argv[2].split():
    module = importlib.import_module(f"workbench.{package}")
    names += [item.name for item in pkgutil.iter_modules(module.__path__, f"{module.__name__}.")]
top = pkgutil.iter_modules(workbench.__path__, "workbench.")
names += [item.name for item in top if item.ispkg]
guilty = {}
for name in names:
    before = set(sys.modules)
    importlib.import_module(name)
    guilty |= {heavy: name for heavy in ("torch", "gradio") if heavy in set(sys.modules) - before}
print(json.dumps(guilty))
"""

RUN_COMMAND = """
import json, sys
from workbench.cli import main

code = main(sys.argv[1:])
heavy = [name for name in ("torch", "numpy", "PIL", "gradio") if name in sys.modules]
print(json.dumps([code, heavy]))
"""


def ask(program, *arguments):
    """The last line a fresh interpreter prints, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_import_workbench_loads_nothing_else_of_it():
    program = """
import json, sys
import workbench

print(json.dumps([n for n in sys.modules if n.startswith(("workbench.", "torch", "numpy"))]))
"""
    assert ask(program) == ["workbench.lazy"]


@pytest.mark.thorough
def test_these_modules_load_no_torch():
    assert ask(FIND_LOADED, " ".join(TORCH_FREE_MODULES), " ".join(TORCH_FREE_PACKAGES)) == {}


@pytest.mark.thorough
@pytest.mark.parametrize("command", ["list", "runs"])
def test_these_commands_load_neither_torch_nor_numpy(command):
    assert ask(RUN_COMMAND, command) == [0, []]


@pytest.mark.thorough
@pytest.mark.parametrize("preset", ["playground/quick", "fastreid/agw_market1501"])
def test_showing_a_preset_loads_no_torch(preset):
    code, heavy = ask(RUN_COMMAND, "show", preset)
    assert code == 0
    assert not {"torch", "gradio"} & set(heavy)

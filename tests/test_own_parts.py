"""Parts of somebody else's package: two files for a loss, a region, a layout; four for a panel."""

import subprocess
import sys

import pytest

LOSS = {
    "loss_settings.py": '''
from typing import Annotated, Literal

from workbench.recipe.settings.base import setting
from workbench.recipe.settings.losses import LOSSES, VectorTerm


@LOSSES.settings("own.loss")
class Spread(VectorTerm):
    """Distance of each vector from the mean of its identity."""

    kind: Literal["spread"] = "spread"
    power: Annotated[float, setting("Power of the distance.", ge=1.0, le=4.0)] = 2.0
''',
    "loss.py": '''
import torch

from own.loss_settings import Spread
from workbench.losses.terms import VectorTerm
from workbench.recipe.settings.losses import LOSSES


@LOSSES.implements(Spread)
class SpreadTerm(VectorTerm[Spread]):
    """The mean over the images."""

    def value(self, vectors, labels):
        """The mean distance, to the power."""
        same = (labels.unsqueeze(0) == labels.unsqueeze(1)).to(vectors.dtype)
        means = same @ vectors / same.sum(dim=1, keepdim=True)
        return (vectors - means).norm(dim=1).pow(self.loss.power).mean()
''',
}
REGION = {
    "region_settings.py": '''
from typing import Literal

from workbench.recipe.settings.regions import REGIONS, Region


@REGIONS.settings("own.region")
class Halves(Region):
    """The left and the right half of the map."""

    kind: Literal["halves"] = "halves"

    @property
    def parts(self):
        """Two."""
        return 2
''',
    "region.py": '''
import torch

from own.region_settings import Halves
from workbench.model.regions import Division
from workbench.recipe.settings.regions import REGIONS


@REGIONS.implements(Halves)
class LeftAndRight(Division):
    """One block with both halves as parts."""

    def forward(self, feature_map):
        """The halves, one after the other."""
        return [torch.stack(feature_map.chunk(2, dim=3), dim=2)]

    def placed(self, cells, rows):
        """Each half at its side."""
        left, right = cells[0].unbind(1)
        nothing = torch.zeros_like(left)
        sides = [torch.cat([left, nothing], 2), torch.cat([nothing, right], 2)]
        return torch.stack(sides, dim=1)
''',
}
LAYOUT = {
    "layout_settings.py": '''
from typing import Literal

from workbench.recipe.settings.datasets import DATASETS, Published


@DATASETS.settings("own.layout")
class Shoebox(Published):
    """Shoebox: one folder for each use, files named <identity>-<camera>.png."""

    kind: Literal["shoebox"] = "shoebox"
''',
    "layout.py": '''
from own.layout_settings import Shoebox
from workbench.data.readers.layout import Layout
from workbench.data.samples import Sample, Split
from workbench.recipe.settings.datasets import DATASETS


def read(root, settings):
    """The split of a shoebox."""
    def part(folder):
        files = sorted((root / folder).glob("*.png"))
        numbers = [tuple(map(int, file.stem.split("-"))) for file in files]
        return tuple(Sample(f"{folder}/{f.name}", i, c) for f, (i, c) in zip(files, numbers))
    return Split("shoebox", root, part("learn"), part("ask"), part("answer"))


DATASETS.implements(Shoebox)(Layout(read, lambda root: (root / "learn").is_dir()))
''',
}
USE = {
    "loss": """
import own.loss_settings, torch
from workbench.cli.arguments import parser
from workbench.losses.objective import Objective
from workbench.model.outputs import BranchOutput
from workbench.recipe.fields import fields
from workbench.recipe.overrides import resolve
from workbench.recipe.text import to_yaml

assert "own.loss" not in sys.modules, "no torch is loaded to show a form"
recipe = resolve("playground/global", {"losses.own": {"kind": "spread", "power": 1}})
paths = {field.path: field for field in fields(recipe)}
assert "spread" in paths["losses.own.kind"].choices
assert "spread: Distance of each vector" in paths["losses.own.kind"].help
assert (paths["losses.own.power"].low, paths["losses.own.power"].high) == (1.0, 4.0)
assert "kind: spread" in to_yaml(recipe)
vectors = torch.tensor([[0.0, 0.0], [0.0, 2.0], [3.0, 0.0]])
output = BranchOutput(vectors, vectors, vectors, None)
objective = Objective({"own": recipe.losses["own"]}, ["whole"])
print(float(objective({"whole": output}, torch.tensor([1, 1, 2])).total))
try:
    resolve("playground/global", {"losses.own": {"kind": "spread", "power": 9}})
except Exception as error:
    print(error)
""",
    "region": """
import own.region_settings, torch
from workbench.model.build import build_network
from workbench.recipe.overrides import resolve
from workbench.recipe.schema import output_names

changes = {"model.branches.whole.regions": {"kind": "halves"}, "data.height": 64, "data.width": 64}
recipe = resolve("playground/global", changes)
print(output_names(recipe.model))
network = build_network(recipe.model, 3, (64, 64)).eval()
outputs = network(torch.rand(2, 3, 64, 64))
division = network.branches["whole"].regions
feature_map = torch.rand(1, 3, 2, 4)
evidence = division.evidence(feature_map)
assert torch.allclose(evidence.sum(1), feature_map.sum(1))
print(list(outputs), tuple(evidence.shape))
""",
    "layout": """
import own.layout_settings
from pathlib import Path
from PIL import Image
from workbench.data.catalogue.published import ENTRIES
from workbench.data.catalogue.splits import read_split
from workbench.data.checks.check import check, guess_kind
from workbench.recipe.overrides import resolve

root = Path("shoebox")
files = {"learn": ["1-0", "1-1", "2-0", "2-1"], "ask": ["3-0"], "answer": ["3-1"]}
for folder, names in files.items():
    (root / folder).mkdir(parents=True)
    for name in names:
        Image.new("RGB", (8, 16), (30 * len(name), 7, 7)).save(root / folder / f"{name}.png")
changes = {"data.dataset.kind": "shoebox", "data.root": str(root.absolute())}
recipe = resolve("playground/global", changes)
split = read_split(recipe.data)
print(len(split.train), len(split.query), [image.camera for image in split.gallery])
print(guess_kind(root), ENTRIES["shoebox"].folders, check(root).kind)
""",
}
SAID = {
    "loss": [
        "0.6666666865348816",
        "losses.own.power = 9: too large. Use a number from 1 to 4.",
    ],
    "region": ["['whole_0', 'whole_1']", "['whole_0', 'whole_1'] (1, 2, 2, 4)"],
    "layout": ["4 1 [1]", "shoebox ('shoebox',) shoebox"],
}


@pytest.mark.process
@pytest.mark.parametrize(
    ("name", "files"), [("loss", LOSS), ("region", REGION), ("layout", LAYOUT)]
)
def test_a_part_of_ones_own_needs_two_files(tmp_path, name, files):
    package = tmp_path / "own"
    package.mkdir()
    for file, text in files.items():
        (package / file).write_text(text)
    program = "import sys\nsys.path.insert(0, '.')\n" + USE[name]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == SAID[name]
    assert len(list(package.glob("*.py"))) == 2


@pytest.mark.process
def test_two_kinds_of_one_name_and_a_kind_that_nothing_implements_are_refused(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "loss.py").write_text("")
    (tmp_path / "own" / "loss_settings.py").write_text(LOSS["loss_settings.py"])
    (tmp_path / "own" / "again.py").write_text(LOSS["loss_settings.py"])
    program = """
import sys
sys.path.insert(0, ".")
import own.loss_settings
from workbench.errors import RecipeError
from workbench.recipe.settings.losses import LOSSES
try:
    LOSSES.implementation(own.loss_settings.Spread())
except RecipeError as error:
    print(error)
try:
    import own.again
except RecipeError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "own.loss: does not implement the loss Spread. Decorate what does with implements(Spread).",
        "own.again.Spread: there is a loss named 'spread' already, own.loss_settings.Spread."
        " Rename one.",
    ]

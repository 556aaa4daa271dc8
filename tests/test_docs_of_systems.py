"""The pages about published systems say what the presets do, and name only what there is."""

import re

import pytest

from workbench.paths import PACKAGE
from workbench.recipe.compare import differences
from workbench.recipe.presets import load_preset, preset_names
from workbench.recipe.text import from_yaml

PAGES = PACKAGE.parent / "docs" / "systems"
SHOWN = {
    "rpm": "rpm/market1501",
    "msvit": "msvit/market1501_s",
    "layumi": "layumi/market1501",
    "nama": "nama/uc_tri_market1501",
    "mgn": "mgn/market1501",
    "fastreid": "fastreid/bot_market1501",
}
HEADINGS = [
    "## The idea",
    "## The recipe",
    "## What one sees of it",
    "## What is inferred rather than known",
    "## What cannot be reproduced here, and why",
]


def test_there_is_a_page_for_each_system():
    assert {path.stem for path in PAGES.glob("*.md")} == set(SHOWN)


@pytest.mark.thorough
@pytest.mark.parametrize("system", SHOWN)
def test_the_recipe_on_a_page_is_the_preset(system):
    text = (PAGES / f"{system}.md").read_text("utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert differences(from_yaml(block), load_preset(SHOWN[system])) == {}
    assert re.findall(r"^## .*", text, re.MULTILINE) == HEADINGS


@pytest.mark.parametrize("system", SHOWN)
def test_every_preset_on_a_page_exists(system):
    text = (PAGES / f"{system}.md").read_text("utf-8")
    found = re.findall(rf"\b((?:{'|'.join(SHOWN)})/[a-z0-9_]+)\b(?!\*)", text)
    named = {name for name in found if not name.endswith("_")}
    assert named
    assert named <= set(preset_names())

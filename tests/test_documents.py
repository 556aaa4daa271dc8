"""What the documents count and claim is what the code has and the tables beside it say."""

import re
import shlex
import subprocess
import sys
import tomllib

import pytest

from workbench.cli.arguments import parser
from workbench.data.images.decoder import PIXEL_LIMIT
from workbench.data.images.uploaded import LARGEST_BYTES
from workbench.data.synthetic.miniatures import NAMES
from workbench.experiment.snapshots import PROBES
from workbench.paths import PACKAGE
from workbench.recipe.presets import preset_names
from workbench.recipe.settings.datasets import Playground
from workbench.ui.uploads import KEPT_SECONDS

ROOT = PACKAGE.parent
RECIPES = ("playground/quick", "playground/channels", "playground/global")


def text(name):
    return " ".join((ROOT / name).read_text("utf-8").split())


def rows(name, start):
    """The cells of every line of the tables of a document, from ``start`` on."""
    _, first, rest = (ROOT / name).read_text("utf-8").partition(start)
    found = [line for line in (first + rest).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found]


def by_recipe(found):
    """Rows of figures by recipe and seed; a cell that is empty repeats the one above it."""
    table, recipe = {}, ""
    for first, seed, *cells in found:
        recipe = first.strip("`").partition("`")[0] or recipe
        if recipe in RECIPES:
            values = [float(value) for cell in cells for value in re.findall(r"[\d.]+", cell)]
            table[recipe, seed] = values
    return table


def test_presets_and_layouts_are_counted():
    assert int(re.findall(r"(\d+) presets;", text("CHANGELOG.md"))[0]) == len(preset_names())
    assert f"miniatures of {len(NAMES)} layouts" in text("README.md")


def test_every_recipe_was_tried_but_that_of_an_own_folder():
    tried = {
        row[0].strip("`") for row in rows("benchmarks/every_recipe.md", "| preset") if "/" in row[0]
    }
    assert tried == set(preset_names()) - {"baseline/folder"}


def test_limits_are_those_of_the_code():
    words = text("ARCHITECTURE.md")
    assert f"an image {LARGEST_BYTES // 10**6} MB" in words
    assert f"at most {PIXEL_LIMIT // 10**6} million pixels" in words
    assert KEPT_SECONDS == 600
    assert "ten minutes after its last sign" in words
    assert PROBES == 12
    assert "a dozen queries' lists" in text("README.md")


def test_the_playground_has_the_people_that_its_page_says():
    usual = Playground()
    people = f"{usual.train_identities} identities to train on and {usual.test_identities} to be"
    assert people in text("docs/playground.md")
    assert usual.look_alikes == pytest.approx(0.5, abs=0.05)


def test_means_of_the_playground_are_those_of_their_seeds():
    for start in ("| recipe | seed | raw mAP", "| recipe | seed | with a look-alike"):
        table = by_recipe(rows("docs/playground.md", start)[:14])
        assert len(table) == 12
        for recipe in RECIPES:
            columns = zip(*(table[recipe, seed] for seed in "012"), strict=True)
            for mean, column in zip(table[recipe, "mean"], columns, strict=True):
                # Cells are rounded: counts to one, percentages to a tenth.
                assert mean == pytest.approx(sum(column) / 3, abs=0.5 if mean > 89 else 0.1)


def test_look_alikes_and_parts_matter_as_the_page_of_the_playground_says():
    words = text("docs/playground.md")
    whole = by_recipe(rows("docs/playground.md", "| recipe | seed | raw mAP")[:14])
    split = by_recipe(rows("docs/playground.md", "| recipe | seed | with a look-alike")[:14])
    assert "In each of these runs more than half of the wrong first places are look-alikes" in words
    for key, (*_, wrong, look_alikes) in split.items():
        assert look_alikes > wrong / 2, key
        assert wrong == pytest.approx(406 * (1 - whole[key][3] / 100), abs=1.5), key
    assert "add about 4.5 points of mAP here: 3 with a look-alike, 6.5 without" in words
    for recipe in ("playground/quick", "playground/channels"):
        mean, without = (recipe, "mean"), ("playground/global", "mean")
        assert whole[mean][1] - whole[without][1] == pytest.approx(4.5, abs=0.25)
        assert split[mean][0] - split[without][0] == pytest.approx(3, abs=0.5)
        assert split[mean][2] - split[without][2] == pytest.approx(6.5, abs=0.25)


def test_costs_of_retrieval_are_those_of_the_tables():
    document = (ROOT / "docs/retrieval.md").read_text("utf-8").partition("tables: begin")[2]
    cases = re.findall(r"^\*\*(.*?)\*\*.*?^\| workbench (.*?)$", document, re.DOTALL | re.MULTILINE)
    cost = {case: cells.split("|")[3].strip() for case, cells in cases}
    figures = [float(value) for case, value in cost.items() if case.startswith("all figures")]
    assert len(figures) == 4
    words = text("docs/retrieval.md")
    assert f"takes {min(figures)} to {max(figures)} times" in words
    again = sorted(float(value) for case, value in cost.items() if case.startswith("re-ranking"))
    assert [round(value) for value in again] == [8, 9]
    assert "re-ranking takes 8 to 9 times as long" in words
    (recall,) = (float(value) for case, value in cost.items() if case.startswith("Recall@K"))
    assert f"Recall@K {recall:.1f} times" in words


def commands():
    for name in ("README.md", "docs/retrieval.md", "docs/systems/rpm.md", "docs/systems/mgn.md"):
        for line in (ROOT / name).read_text("utf-8").splitlines():
            if found := re.match(r"(?:    |\.venv/bin/)workbench (.*)", line):
                yield found[1]


@pytest.mark.parametrize("command", dict.fromkeys(commands()))
def test_commands_of_the_documents_are_understood(command):
    words = shlex.split(command, comments=True)
    if words[0] == "bench":
        words = words[:2]
    preset = words[1] if words[0] in ("train", "show") else None
    assert preset is None or preset in preset_names()
    assert parser(preset).parse_known_args(words)[1] == []


@pytest.mark.long
def test_parameters_of_networks_at_full_size_are_counted():
    from workbench.experiment import parameters
    from workbench.recipe.presets import load_preset

    tables = rows("benchmarks/README.md", "| preset | parameters | input")
    printed = {row[0].strip("`"): row[1] for row in tables if row[0].strip("`") in preset_names()}
    assert len(printed) == 13
    counted = {preset: f"{parameters(load_preset(preset)):,}" for preset in printed}
    assert counted == printed


@pytest.mark.process
def test_the_steps_to_a_loss_of_ones_own_work_as_they_stand(tmp_path):
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    blocks = re.findall(r"```python\n# (\S+)\n(.*?)```", text, re.DOTALL)
    assert [name for name, _ in blocks] == [
        "my_losses/settings.py",
        "my_losses/spread.py",
        "try_it.py",
    ]
    for name, code in blocks:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code)
    done = subprocess.run(
        [sys.executable, "try_it.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("0.6667\n", 0), done.stderr


def test_links_between_documents_lead_somewhere():
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")]
    assert len(documents) > 15
    for document in documents:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text("utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_page_of_the_documentation_is_in_its_index():
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    decisions = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in decisions


def test_versions_of_the_changelog_fall():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## (\d+)\.(\d+)\.(\d+)", text, re.MULTILINE)
    versions = [tuple(map(int, heading)) for heading in headings]
    assert versions == sorted(versions, reverse=True)
    assert len(versions) >= 2
    package = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert tuple(map(int, package.split(".")[:3])) == versions[0]

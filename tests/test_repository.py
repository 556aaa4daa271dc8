"""Facts about the repository itself that would otherwise drift."""

import re
import subprocess
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent


def tracked_files():
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / line for line in listing.splitlines() if (ROOT / line).is_file()]


def test_conda_environment_only_points_at_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    minimum = python.removeprefix(">=")
    assert environment == {
        "name": "reid-workbench",
        "channels": ["conda-forge"],
        "dependencies": [f"python={minimum}", "pip", {"pip": ["-r requirements.lock", "-e ."]}],
    }


def test_lock_names_every_dependency_and_no_host():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "file:" not in lock
    assert "(/" not in lock, "a path of the machine that made it"
    pinned = set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,-]+\])?==", lock, flags=re.M))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=~ ]", line)[0].lower() for line in wanted}
    assert names <= pinned


def test_nothing_is_committed_that_must_not_be():
    names = {path.relative_to(ROOT).as_posix() for path in tracked_files()}
    assert not {name for name in names if name.endswith(("uv.lock", "poetry.lock"))}
    assert not {name for name in names if name.startswith(("runs/", "datasets/"))}


def test_the_top_level_is_what_the_readme_says():
    for name in (
        "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "Makefile",
        "pyproject.toml", "requirements.lock", "environment.yml", "app.py", "recipes", "assets",
        "benchmarks", "docs", "workbench", "tests",
    ):  # fmt: skip
        assert (ROOT / name).exists(), name


def test_documents_point_at_files_that_exist():
    for page in [path for path in tracked_files() if path.suffix == ".md"]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"

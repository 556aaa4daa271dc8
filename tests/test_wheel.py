"""An installed wheel is the whole workbench: no checkout is on any path."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile

import pytest

from workbench.paths import PACKAGE
from workbench.recipe.presets import preset_names

ROOT = PACKAGE.parent
SOURCES = ("workbench", "recipes", "assets")
FILES = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE")
WHERE = """
import json, sys, pathlib, workbench
others = [path for path in sys.path if pathlib.Path(path or ".", "workbench").exists()]
print(json.dumps([workbench.__file__, others]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy, as a build writes beside its sources."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, source)
    options = ["--wheel", "--offline", "--no-build-isolation", "--python", sys.executable]
    subprocess.run(
        [sys.executable, "-m", "uv", "build", "-q", *options, "-o", out, source], check=True
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture
def installed(wheel, tmp_path, monkeypatch):
    """Runs a program of a new environment in an empty folder; the dependencies are borrowed."""
    home, empty = tmp_path / "env", tmp_path / "empty"
    empty.mkdir()
    venv.create(home, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    borrowed = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    # Only what pip installed there: what makes this checkout editable is a .pth file of its own.
    (packages / "dependencies.pth").write_text("\n".join(borrowed))
    options = ["--no-deps", "--offline", "--python", str(home / "bin/python")]
    subprocess.run(
        [sys.executable, "-m", "uv", "pip", "install", "-q", *options, wheel], check=True
    )
    for name in ("WORKBENCH_RUNS", "WORKBENCH_DATASETS", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)

    def start(program, *arguments):
        command = [home / "bin" / program, *arguments]
        return subprocess.Popen(command, cwd=empty, stdout=subprocess.PIPE, text=True)

    return start


def output_of(process):
    out, _ = process.communicate(timeout=280)
    assert process.returncode == 0, out
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.thorough
def test_a_wheel_holds_every_preset_script_style_and_text(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"workbench/_shipped/{path.relative_to(ROOT).as_posix()}"
        for folder in ("recipes", "assets")
        for path in (ROOT / folder).rglob("*.*")
        if "pictures" not in path.parts
    }
    wanted |= {
        path.relative_to(ROOT).as_posix()
        for suffix in ("py", "yaml")
        for path in PACKAGE.rglob(f"*.{suffix}")
    }
    assert {name for name in held if ".dist-info/" not in name} == wanted


@pytest.mark.process
@pytest.mark.thorough
def test_an_installed_wheel_lists_every_preset_in_an_empty_folder(installed, tmp_path):
    ((home, others),) = output_of(installed("python", "-c", WHERE))
    packages = os.path.dirname(os.path.dirname(home))
    assert packages.startswith(str(tmp_path / "env"))
    assert others == [packages]
    listed = output_of(installed("workbench", "list", "--json"))
    assert [record["name"] for record in listed] == preset_names()


@pytest.mark.process
@pytest.mark.long
def test_an_installed_wheel_trains_serves_the_page_and_ranks_over_http(installed, tmp_path):
    steps = [f"--training.{name}.count=20" for name in ("length", "evaluate")]
    *_, last = output_of(installed("workbench", "train", "playground/quick", *steps, "--json"))
    assert last["kind"] == "finished"
    assert (tmp_path / "empty" / "runs" / last["run"]).is_dir()

    page = installed("workbench", "app", "--no-browser", "--json")
    try:
        served = json.loads(page.stdout.readline())
        assert served["runs"] == str(tmp_path / "empty" / "runs")

        def get(path):
            with urllib.request.urlopen(served["url"] + path, timeout=120) as answer:
                return answer.read()

        assert b"Re-ID Workbench" in get("")
        assert get("panel/mark.svg") == (ROOT / "assets" / "mark.svg").read_bytes()
        assert json.loads(get("api/lessons/figures"))
        rankings = f"api/runs/{last['run']}/rankings"
        weights = json.loads(get(rankings))["chosen"]
        listed = json.loads(get(f"{rankings}/{weights}/query/0?k=3"))["items"]
        image = get(f"api/runs/{last['run']}/images/{weights}/gallery/{listed[0]['index']}.jpg")
        assert image.startswith(b"\xff\xd8\xff")
    finally:
        page.terminate()
        page.wait(30)
        page.stdout.close()

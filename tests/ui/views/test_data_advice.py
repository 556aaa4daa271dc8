"""What a page asks every few seconds is read once, and again when it has changed."""

import os
import shutil

import pytest

from workbench import paths
from workbench.ui.views.data import data_advice

QUICK = paths.PACKAGE.parent / "recipes" / "playground" / "quick.yaml"


@pytest.fixture
def file(tmp_path, monkeypatch):
    """The one preset there is."""
    monkeypatch.setenv("WORKBENCH_RECIPES", str(tmp_path))
    (tmp_path / "playground").mkdir()
    return shutil.copy(QUICK, tmp_path / "playground" / "quick.yaml")


def people():
    return data_advice.datasets_of_presets()["playground/quick"].train_identities


def changed(file, before, after):
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))
    # A clock that ticks slowly gives two writes the same time.
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 10**9))


def test_presets_are_read_again_only_when_a_file_has_changed(file, monkeypatch):
    read = []
    load = data_advice.load_preset
    monkeypatch.setattr(data_advice, "load_preset", lambda name: read.append(name) or load(name))
    first = people()
    assert people() == first
    assert read == ["playground/quick"]
    changed(file, "{kind: playground}", "{kind: playground, train_identities: 40}")
    assert people() == 40
    assert read == ["playground/quick"] * 2


def test_a_preset_that_cannot_be_read_is_left_out_until_it_can(file):
    text = file.read_text()
    file.write_text("data: [")
    assert dict(data_advice.datasets_of_presets()) == {}
    file.write_text(text)
    assert list(data_advice.datasets_of_presets()) == ["playground/quick"]

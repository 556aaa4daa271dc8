"""Files are as they were or complete."""

import os

import pytest

from workbench.runs.files import read_json, write_atomically, write_json


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    target = tmp_path / "status.json"
    write_atomically(target, "old")
    write_atomically(target, b"new", durable=False)
    assert target.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["status.json"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "status.json"
    write_atomically(target, "old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(target, "new")
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["status.json"]


def test_a_missing_folder_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "gone" / "file", "text")


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '"word"', "\xff"])
def test_what_is_no_json_object_reads_as_none(tmp_path, text):
    target = tmp_path / "file.json"
    target.write_text(text, encoding="latin-1")
    assert read_json(target) is None


def test_json_round_trip_and_a_missing_file(tmp_path):
    write_json(tmp_path / "a.json", {"b": [1, None, "ü"]})
    assert read_json(tmp_path / "a.json") == {"b": [1, None, "ü"]}
    assert read_json(tmp_path / "none.json") is None

"""A small file that unpacks to gigabytes is refused before anything is unpacked."""

import zipfile

import pytest
import torch

from workbench.errors import DamagedCheckpoint, WeightsError
from workbench.model.weights.loading import read_state
from workbench.model.weights.stored_archive import require_stored
from workbench.training.state import TrainingState


def compressed(target, source):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, old.read(entry))


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".bin"])
def test_compressed_weights_are_refused_by_name_and_stored_ones_read(tmp_path, suffix):
    whole, packed = tmp_path / f"whole{suffix}", tmp_path / f"packed{suffix}"
    torch.save({"weight": torch.zeros(1000, 1000)}, whole)
    compressed(packed, whole)
    assert packed.stat().st_size < 10_000
    assert list(read_state(whole)) == ["weight"]
    with pytest.raises(WeightsError, match="is compressed, to 4,000,000 bytes"):
        read_state(packed)


def test_entries_that_claim_more_than_the_file_holds_are_refused(tmp_path):
    path = tmp_path / "overlapping.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data", b"x" * 1000)
        for number in range(5):  # further names for the same bytes
            info = zipfile.ZipInfo.__new__(zipfile.ZipInfo)
            for name in zipfile.ZipInfo.__slots__:
                if hasattr(archive.filelist[0], name):
                    setattr(info, name, getattr(archive.filelist[0], name))
            info.filename = info.orig_filename = f"more{number}"
            archive.filelist.append(info)
    with pytest.raises(ValueError, match="claim 6,000 bytes"):
        require_stored(path)


def test_old_files_without_an_archive_pass(tmp_path):
    path = tmp_path / "old.pth"
    torch.save({"weight": torch.ones(2)}, path, _use_new_zipfile_serialization=False)
    assert read_state(path)["weight"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + bytes(18), b"[]"])
def test_an_empty_or_cut_training_file_is_a_damaged_checkpoint(tmp_path, content):
    (tmp_path / "training.pt").write_bytes(content)
    with pytest.raises(DamagedCheckpoint, match="cannot be read"):
        TrainingState.load(tmp_path)


@pytest.mark.parametrize("rest", [[], 3, {"standing": 1}, {"standing": {}, "objective": []}])
def test_a_training_file_of_odd_types_is_a_damaged_checkpoint(tmp_path, rest):
    torch.save(rest, tmp_path / "training.pt")
    with pytest.raises(DamagedCheckpoint, match="cannot be read"):
        TrainingState.load(tmp_path)

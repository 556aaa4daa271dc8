"""Snapshots and maps that are damaged are as if they were not there."""

import numpy as np
import pytest

from workbench.inspection.filmstrip import pinned_queries, snapshot_embeddings
from workbench.inspection.maps import read_map, read_snapshot_maps
from workbench.runs.folder import RunFolder

WHOLE = {
    "sample": np.arange(3),
    "queries": np.arange(2),
    "index": np.zeros((2, 5), int),
    "distance": np.zeros((2, 5), np.float32),
    "verdict": np.full((2, 5), "match"),
    "excluded": np.full((2, 5), ""),
}


@pytest.fixture
def run(tmp_path):
    """A run with a whole snapshot, and a later one that a test damages."""
    for step in ("100", "200"):
        folder = tmp_path / "run" / "snapshots" / step
        folder.mkdir(parents=True)
        np.savez_compressed(folder / "probes.npz", **WHOLE)
        np.save(folder / "sample.f16.npy", np.ones((3, 4), np.float16))
    return RunFolder(tmp_path / "run")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"PK\x05\x06" + bytes(18),
        "cut",
        {"index": np.zeros(5, int)},
        {"distance": np.zeros((2, 4))},
        {"queries": np.arange(3)},
    ],
)
def test_a_damaged_snapshot_is_passed_over(run, content):
    file = run.snapshots / "200" / "probes.npz"
    if isinstance(content, dict):
        np.savez_compressed(file, **WHOLE | content)
    else:
        file.write_bytes(file.read_bytes()[:300] if content == "cut" else content)
    (run.snapshots / "²").mkdir()
    assert pinned_queries(run) == [0, 1]
    assert [snapshot.step for snapshot in snapshot_embeddings(run)] == [100]


@pytest.mark.parametrize("content", [b"", b"PK", b"\x93NUMPY", b"PK\x05\x06" + bytes(18)])
def test_a_damaged_map_is_no_map(tmp_path, content):
    (tmp_path / "map.npz").write_bytes(content)
    assert read_map(tmp_path / "map.npz") is None
    assert read_snapshot_maps(tmp_path / "map.npz") is None

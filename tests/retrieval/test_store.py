"""Embeddings on disk: complete or not there, and refused where they belong to something else."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from workbench.data.images.depth import Levels
from workbench.data.samples import Pairing, Sample
from workbench.errors import RunError, ShapeError
from workbench.retrieval.embeddings.store import Embeddings


def embeddings(queries=2, **changes):
    numbers = np.random.default_rng(0)
    parts = {
        "query": numbers.standard_normal((queries, 4)).astype(np.float32),
        "gallery": numbers.standard_normal((3, 4)).astype(np.float32),
        "query_images": tuple(Sample(f"query/ä {i}.png", i + 1, 2) for i in range(queries)),
        "gallery_images": tuple(Sample(f"gallery/{i}.png", i - 1, 0) for i in range(3)),
        "root": Path("somewhere"),
        "belongs_to": {"query": "aa", "gallery": "bb"},
    }
    return Embeddings(**{**parts, **changes})


def test_what_is_saved_is_loaded_and_stays_on_disk(tmp_path):
    stored = embeddings(leave_one_out=True, levels=Levels(4_095, 1.0))
    stored.save(tmp_path / "embeddings" / "last-raw")
    loaded = Embeddings.load(tmp_path / "embeddings" / "last-raw")
    assert isinstance(loaded.query, np.memmap)
    np.testing.assert_array_equal(loaded.query, stored.query)
    np.testing.assert_array_equal(loaded.gallery, stored.gallery)
    for name in ("query_images", "gallery_images", "root", "leave_one_out", "belongs_to", "levels"):
        assert getattr(loaded, name) == getattr(stored, name)
    names = {path.name for path in (tmp_path / "embeddings" / "last-raw").iterdir()}
    assert names == {"query.npy", "gallery.npy", "images.json"}


def test_what_a_protocol_needs_is_kept(tmp_path):
    groups = (Sample("query/a.png", 1, 0, "drone"), Sample("query/b.png", 2, 0, "satellite"))
    stored = embeddings(
        query_images=groups,
        pairings=(Pairing("down", "satellite", "drone"), Pairing("up", "drone", "satellite")),
        gallery_draws=True,
        multi_query=np.ones((1, 4), dtype=np.float32),
        multi_query_images=(Sample("more/a.png", 1, 3),),
        certainty=np.arange(3, dtype=np.float32),
    )
    stored.save(tmp_path / "made")
    loaded = Embeddings.load(tmp_path / "made")
    for name in ("query_images", "pairings", "gallery_draws", "multi_query_images"):
        assert getattr(loaded, name) == getattr(stored, name)
    for name in ("multi_query", "certainty"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(stored, name))


def test_older_embeddings_have_no_groups(tmp_path):
    embeddings().save(tmp_path / "made")
    file = tmp_path / "made" / "images.json"
    description = json.loads(file.read_text())
    for name in ("pairings", "gallery_draws", "multi_query"):
        del description[name]
    file.write_text(json.dumps(description))
    loaded = Embeddings.load(tmp_path / "made")
    assert (loaded.pairings, loaded.gallery_draws, loaded.multi_query) == ((), False, None)
    assert description["query"][0] == ["query/ä 0.png", 1, 2]


def test_labels_are_those_of_the_images():
    labels = embeddings().labels()
    assert labels.query_ids.tolist() == [1, 2]
    assert labels.gallery_ids.tolist() == [-1, 0, 1]
    assert labels.query_cameras.tolist() == [2, 2]
    assert labels.gallery_cameras.tolist() == [0, 0, 0]


def test_saving_again_replaces_the_whole(tmp_path):
    embeddings().save(tmp_path / "made")
    (tmp_path / "made" / "old.txt").write_text("old")
    still_open = Embeddings.load(tmp_path / "made")
    first = np.array(still_open.query)
    embeddings(queries=1).save(tmp_path / "made")
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    assert len(list((tmp_path / "made").iterdir())) == 3
    assert len(Embeddings.load(tmp_path / "made").query) == 1
    np.testing.assert_array_equal(still_open.query, first)


def test_a_failure_leaves_the_older_ones(tmp_path, monkeypatch):
    embeddings().save(tmp_path / "made")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(RunError, match=r"cannot be written \(No space left on device\)"):
        embeddings(queries=1).save(tmp_path / "made")
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    assert len(Embeddings.load(tmp_path / "made").query) == 2


def test_another_data_set_is_refused(tmp_path):
    embeddings().save(tmp_path / "made")
    Embeddings.load(tmp_path / "made", {"query": "aa"})
    with pytest.raises(RunError, match=r"was made from another gallery \(bb, now cc\)"):
        Embeddings.load(tmp_path / "made", {"query": "aa", "gallery": "cc"})


def test_what_cannot_be_read_is_said(tmp_path):
    with pytest.raises(RunError, match="does not exist: embed"):
        Embeddings.load(tmp_path / "missing")
    embeddings().save(tmp_path / "made")
    (tmp_path / "made" / "query.npy").write_bytes(b"short")
    with pytest.raises(RunError, match="cannot be read"):
        Embeddings.load(tmp_path / "made")
    embeddings().save(tmp_path / "made")
    (tmp_path / "made" / "images.json").write_text("{}")
    with pytest.raises(RunError, match="cannot be read"):
        Embeddings.load(tmp_path / "made")


def test_vectors_and_images_must_fit():
    with pytest.raises(ShapeError, match="query has 2 vectors for 0 images"):
        embeddings(query_images=())
    with pytest.raises(ShapeError, match="certainty has 2 vectors for 3 images"):
        embeddings(certainty=np.zeros(2, dtype=np.float32))


def test_an_image_that_changed_since_is_named(tmp_path):
    images = tmp_path / "images"
    for place in ("query", "gallery"):
        (images / place).mkdir(parents=True)
    changed = images / "gallery" / "1.png"
    changed.write_bytes(b"first")
    folder = tmp_path / "made"
    embeddings(root=images).save(folder)
    Embeddings.load(folder)
    now = (folder / "images.json").stat().st_mtime
    changed.write_bytes(b"first")  # written again, the same
    os.utime(changed, (now + 5, now + 5))
    Embeddings.load(folder)
    for content in (b"other", b"longer"):
        changed.write_bytes(content)
        os.utime(changed, (now + 5, now + 5))
        with pytest.raises(RunError, match=r"1\.png has changed since it was embedded: delete"):
            Embeddings.load(folder)
    changed.unlink()  # vectors are still good for figures
    Embeddings.load(folder)


@pytest.mark.parametrize(
    "content", [b"", b"\x93NUMPY", "words", "whole numbers", "one row", b"PK\x03\x04" + bytes(64)]
)
@pytest.mark.parametrize("file", ["query.npy", "gallery.npy"])
def test_vectors_that_are_none_are_one_sentence(tmp_path, file, content):
    folder = tmp_path / "stored"
    sample = Sample("a.jpg", 1, 1)
    one = np.ones((1, 4), np.float32)
    Embeddings(one, one, (sample,), (sample,), tmp_path).save(folder)
    arrays = {"words": np.array([["a"]]), "whole numbers": np.ones((1, 4), int), "one row": one[0]}
    if isinstance(content, bytes):
        (folder / file).write_bytes(content)
    else:
        np.save(folder / file, arrays[content])
    with pytest.raises(RunError, match="embed the images again") as refusal:
        Embeddings.load(folder)
    assert "\n" not in str(refusal.value)


def test_embeddings_are_on_the_disk_before_they_are_seen(tmp_path, monkeypatch):
    folder, sample, acts = tmp_path / "stored", Sample("a.jpg", 1, 1), []
    one = np.ones((1, 4), np.float32)
    fsync, rename = os.fsync, Path.rename
    monkeypatch.setattr(
        os, "fsync", lambda file: (acts.append(os.readlink(f"/proc/self/fd/{file}")), fsync(file))
    )
    monkeypatch.setattr(Path, "rename", lambda path, to: (acts.append("seen"), rename(path, to))[1])
    Embeddings(one, one, (sample,), (sample,), tmp_path).save(folder)
    before = [Path(act).name for act in acts[: acts.index("seen")]]
    assert sorted(before) == ["gallery.npy", "images.json", "query.npy"]
    assert acts[-1] == str(tmp_path)

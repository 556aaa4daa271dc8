import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.experiment.tiny import overrides, people
from tests.ui.by_hand import write_run
from workbench.data.catalogue.splits import read_split
from workbench.errors import DataError, RunError
from workbench.experiment.protocol_metrics import plain
from workbench.experiment.snapshots import write_snapshot
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.rankings import Rankings
from workbench.runs.checkpoints import last_name
from workbench.runs.folder import RunFolder
from workbench.ui.views.rankings.filmstrip_view import MOST_ROWS, film, film_picture, formed
from workbench.ui.views.rankings.ranking_view import ranking_of


def rankings_at(run, step):
    """Vectors that drift from noise towards the identities."""
    split = read_split(run.recipe().data)

    def vectors(images):
        rows = [
            np.random.default_rng([7, step, image.identity + 1, place]).normal(size=8)
            + step * np.random.default_rng([9, image.identity + 1]).normal(size=8)
            for place, image in enumerate(images)
        ]
        return np.array(rows, dtype=np.float32)

    embeddings = Embeddings(
        vectors(split.query), vectors(split.gallery), split.query, split.gallery, split.root
    )
    return Rankings(embeddings, plain(run.recipe().evaluation))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run that nobody may change, and the folder of its data."""
    folder = tmp_path_factory.mktemp("filmed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_RUNS", str(folder / "runs"))
        run = write_run(overrides=overrides(people(folder / "people")), until=1)
    for step in (0, 1, 4):
        write_snapshot(run, step, rankings_at(run, step))
    rankings_at(run, 4).embeddings.save(run.embeddings / f"{last_name(run)}-raw")
    return run


@pytest.fixture
def filmed(made, tmp_path):
    """The same as a copy that may be changed."""
    shutil.copytree(made.path, tmp_path / made.id)
    return RunFolder(tmp_path / made.id)


@pytest.mark.thorough
def test_a_frame_for_every_snapshot_with_the_librarys_lists(made):
    answer = film(made)
    assert [frame["step"] for frame in answer["frames"]] == [0, 1, 4]
    assert [query["index"] for query in answer["queries"]] == [0, 1, 2, 3, 4]
    assert [query["identity"] for query in answer["queries"]] == [7, 8, 9, 10, 11]
    for frame in answer["frames"]:
        rankings = rankings_at(made, frame["step"])
        firsts = []
        for query, strip in enumerate(frame["strips"]):
            counted = [one for one in rankings.list(query, 5) if one.excluded is None]
            assert [hit["index"] for hit in strip["hits"]] == [one.index for one in counted]
            assert [hit["verdict"] for hit in strip["hits"]] == [one.verdict for one in counted]
            firsts.append(int(rankings.ranking(query).hits().argmax()) + 1)
            assert strip["first_match"] == firsts[-1]
            for hit in strip["hits"]:
                shown = answer["gallery"][hit["index"]]
                gallery = rankings.embeddings.gallery_images
                assert shown["identity"] == gallery[hit["index"]].identity
        assert frame["words"] == (
            f"Step {frame['step']}: of 5 queries, {firsts.count(1)} have a right image first and"
            f" {sum(first <= 5 for first in firsts)} have one among the first 5."
        )


def test_only_what_is_new_is_told(filmed):
    first = film(filmed)
    assert film(filmed, first["mark"]) == {"mark": first["mark"], "unchanged": True}
    write_snapshot(filmed, 5, rankings_at(filmed, 5))
    assert [frame["step"] for frame in film(filmed, first["mark"])["frames"]] == [0, 1, 4, 5]
    shutil.rmtree(filmed.snapshots / "5")
    assert film(filmed, first["mark"])["unchanged"]


def test_without_a_snapshot_there_is_one_sentence(filmed):
    shutil.rmtree(filmed.snapshots)
    answer = film(filmed)
    assert answer["frames"] == []
    assert "has no snapshot yet: the first one comes with its first evaluation" in answer["words"]
    with pytest.raises(RunError, match="has no snapshot yet"):
        formed(filmed, "raw", "query", 0)


def test_a_run_deleted_while_it_is_shown(filmed):
    shutil.rmtree(filmed.path)
    with pytest.raises(RunError, match="has been deleted: choose another one"):
        film(filmed)


def test_a_data_set_that_is_gone_is_told(filmed, made):
    people_folder = Path(made.recipe().data.root)
    people_folder.rename(people_folder.with_name("elsewhere"))
    answer = film(filmed)
    assert answer["frames"] == []
    people_folder.with_name("elsewhere").rename(people_folder)
    assert "Market-1501 is not in" in answer["words"]


def test_pictures_go_by_number(made):
    filmed, root = made, Path(made.recipe().data.root)
    assert film_picture(filmed, "query", 0).path.is_file()
    assert film_picture(filmed, "gallery", 3).path.is_relative_to(root)
    for index in (-1, 5):
        with pytest.raises(DataError, match="numbered from 0 to 4"):
            film_picture(filmed, "query", index)


def test_how_the_list_of_a_query_formed(made):
    answer = formed(made, "raw", "query", 2, top=4)
    assert [row["step"] for row in answer["rows"]] == [0, 1, 4]
    last = [item for item in ranking_of(made, "raw", "query", 2, 4)["items"] if item["rank"]]
    shown = answer["rows"][-1]["items"]
    for name in ("index", "rank", "verdict", "caption"):
        assert [item[name] for item in shown] == [item[name] for item in last]
    assert answer["words"] == "By the raw weights of each step, without re-ranking."


def test_how_the_list_of_a_gallery_image_formed(made):
    answer = formed(made, "raw", "gallery", 1, top=4)
    last = ranking_of(made, "raw", "gallery", 1, 4)["items"]
    counted = [item["index"] for item in last if item["rank"]]
    assert [item["index"] for item in answer["rows"][-1]["items"]] == counted
    assert "half precision" in answer["words"]


def test_many_snapshots_are_shown_evenly(filmed):
    for step in range(5, 17):
        shutil.copytree(filmed.snapshots / "4", filmed.snapshots / str(step))
    answer = formed(filmed, "raw", "query", 0)
    steps = [row["step"] for row in answer["rows"]]
    assert len(steps) == MOST_ROWS
    assert (steps[0], steps[-1]) == (0, 16)
    assert "12 of 15 snapshots are shown." in answer["words"]

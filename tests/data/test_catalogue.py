import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import paths
from workbench.data.catalogue.counts import (
    published_counts,
    published_identities,
    shared_identities,
)
from workbench.data.catalogue.published import ENTRIES, dataset_of
from workbench.data.catalogue.splits import locate, read_split
from workbench.data.synthetic import playground
from workbench.errors import EmptySplit, MissingDataset
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.datasets import (
    CUHK03NP,
    DATASETS,
    MSMT17,
    DukeMTMC,
    ImageFolder,
    Market1501,
    OccludedDuke,
    OccludedREID,
    PDukeMTMC,
    Playground,
    Prepared,
    VehicleID,
)

MARKET = Data(dataset=Market1501())
SMALL = Playground(train_identities=4, test_identities=2, image_height=32)


def test_every_kind_of_data_set_has_an_entry():
    assert list(ENTRIES) == list(DATASETS.kinds)
    assert {dataset_of(kind).kind for kind in ENTRIES} == set(ENTRIES)
    for kind, entry in ENTRIES.items():
        assert entry.name == kind
        assert all((entry.title, entry.origin, entry.terms, entry.layout, entry.how_to_get))


def test_published_counts_of_market1501():
    counts = ENTRIES["market1501"].counts
    assert counts["train_identities"] + counts["query_identities"] == 1501
    junk, distractors = 3819, 2798
    assert counts["gallery_images"] - junk == counts["gallery_images_without_junk"] == 15_913
    assert counts["gallery_images_without_junk"] - distractors == 13_115
    assert published_identities(Market1501()) == 751
    assert published_identities(Playground(train_identities=40)) == 40
    assert published_identities(ImageFolder()) is None


def test_published_counts_under_a_setting():
    assert published_counts(MSMT17())["train_images"] == 30_248 + 2_373
    assert published_counts(MSMT17(with_val=False))["train_images"] == 30_248
    assert published_counts(CUHK03NP())["train_images"] == 7_365
    assert published_counts(CUHK03NP(boxes="labelled"))["train_images"] == 7_368
    for vehicles, queries in ((800, 5_693), (1600, 11_777), (2400, 17_377)):
        figures = published_counts(VehicleID(test_list=vehicles))
        assert figures["query_images"] == vehicles + queries
    assert "query_images" not in published_counts(VehicleID(test_list=6000))
    occluded = published_counts(PDukeMTMC())
    assert sum(occluded[f"{part}_images"] for part in ("train", "query", "gallery")) == 24_143
    assert occluded["train_identities"] + occluded["query_identities"] == 1_299


def test_training_on_everything_counts_the_people_of_query_and_gallery_too():
    assert published_identities(Market1501(split="combine_all")) == 1501
    assert published_identities(DukeMTMC(split="combine_all")) == 702 + 1_110
    assert published_identities(Market1501(split="train")) == 751


def test_sets_that_show_the_same_people_are_warned_about():
    said = shared_identities(DukeMTMC(), PDukeMTMC())
    assert said is not None
    assert said.startswith("DukeMTMC-reID and P-DukeMTMC-reID both show people of DukeMTMC:")
    assert shared_identities(OccludedDuke(), DukeMTMC()) is not None
    assert shared_identities(DukeMTMC(), DukeMTMC()) is None
    prepared = Prepared(made_from="dukemtmc")
    assert shared_identities(prepared, OccludedDuke()) is not None
    assert shared_identities(prepared, DukeMTMC()) is None
    assert shared_identities(Market1501(), DukeMTMC()) is None
    assert shared_identities(Playground(), ImageFolder()) is None


def test_withdrawn_sets_say_so():
    withdrawn = {kind for kind, entry in ENTRIES.items() if entry.withdrawn}
    assert withdrawn == {"dukemtmc", "occluded_duke", "p_dukemtmc"}


@pytest.mark.parametrize(
    "where", ["market1501", "Market-1501-v15.09.15", "market1501/Market-1501-v15.09.15", "MARKET"]
)
def test_market1501_is_found_under_its_usual_names(market, where):
    home = paths.datasets_folder() / where
    home.parent.mkdir(parents=True)
    shutil.move(market, home)
    assert locate(MARKET) == home
    split = read_split(MARKET)
    assert split.root == home
    assert "train identities: 6 here, 751 published for Market-1501." in split.notes


def test_a_given_root_is_the_only_place(market, monkeypatch):
    given = MARKET.model_copy(update={"root": str(market)})
    assert locate(given) == market
    monkeypatch.chdir(market.parent)
    assert locate(MARKET.model_copy(update={"root": "market"})) == market
    shutil.move(market, paths.datasets_folder() / "shelf")
    assert locate(MARKET.model_copy(update={"root": "shelf"})).name == "shelf"
    with pytest.raises(MissingDataset, match=f"not in {market}: there is no such folder"):
        locate(given)


def test_a_missing_set_says_where_it_was_looked_for_and_what_to_do():
    with pytest.raises(MissingDataset) as caught:
        read_split(MARKET)
    said = str(caught.value)
    assert f"Market-1501 is not in {paths.datasets_folder() / 'market1501'} or " in said
    for part in ("bounding_box_train", "https://", "data.root", "playground/quick"):
        assert part in said


def test_a_name_that_is_almost_right_is_pointed_out(market):
    shutil.move(market, paths.datasets_folder() / "Markte-1501")
    with pytest.raises(MissingDataset, match="Markte-1501 looks like it under another name"):
        locate(MARKET)
    mistyped = str(paths.datasets_folder() / "Market1501")
    with pytest.raises(MissingDataset, match="Markte-1501 looks like it under another name"):
        locate(MARKET.model_copy(update={"root": mistyped}))


def test_a_missing_set_can_be_tried_out_in_small():
    with pytest.raises(MissingDataset, match="workbench data make miniature msmt17"):
        locate(Data(dataset=MSMT17()))


def test_occluded_reid_needs_market1501_to_train_on(make_images):
    make_images(
        paths.datasets_folder() / "Occluded-REID",
        ["occluded_body_images/001/001_01.png", "whole_body_images/001/001_01.png"],
    )
    with pytest.raises(MissingDataset, match="trained on Market-1501, and Market-1501 is not in"):
        locate(Data(dataset=OccludedREID()))


def test_a_folder_of_ones_own_needs_its_place(tmp_path, make_images):
    with pytest.raises(MissingDataset, match=r"data\.root, which is empty"):
        read_split(Data(dataset=ImageFolder()))
    root = make_images(tmp_path / "own", [f"{name}/{n}.png" for name in "abcd" for n in range(3)])
    split = read_split(Data(dataset=ImageFolder(), root=str(root)))
    assert split.identities == 3
    assert split.leave_one_out


def test_a_set_in_which_nothing_can_be_ranked_is_refused(tmp_path, make_images):
    root = make_images(tmp_path / "own", [f"{name}/0.png" for name in "abcd"])
    with pytest.raises(EmptySplit, match="for none of them another image"):
        read_split(Data(dataset=ImageFolder(), root=str(root)))


def test_a_playground_that_was_not_drawn_says_how(monkeypatch):
    with pytest.raises(MissingDataset, match="workbench data make playground") as caught:
        locate(Data(dataset=SMALL))
    assert playground.digest(SMALL) in str(caught.value)


@pytest.mark.process
def test_a_playground_is_drawn_when_it_is_needed():
    told: list[tuple[str, int, int]] = []
    split = read_split(Data(dataset=SMALL), progress=lambda *news: told.append(news))
    assert told
    assert split.name == "playground"
    assert split.identities == 4
    assert locate(Data(dataset=SMALL)) == split.root
    assert split.root.is_relative_to(paths.datasets_folder() / "playground")
    told.clear()
    assert read_split(Data(dataset=SMALL)) == split
    assert not told


@pytest.mark.thorough
def test_none_of_this_needs_torch():
    modules = (
        "catalogue.splits",
        "checks.check",
        "images.image_file",
        "batch_plan",
        "samplers",
        "samples",
    )
    imports = "; ".join(f"import workbench.data.{module}" for module in modules)
    code = f"import sys; {imports}; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import places
from workbench.data import playground
from workbench.data.catalogue import ENTRIES, locate, published_identities, read_split
from workbench.errors import EmptySplit, MissingDataset
from workbench.recipe.data import Data, ImageFolder, Market1501, Playground

MARKET = Data(dataset=Market1501())
SMALL = Playground(train_identities=4, test_identities=2, image_height=32)


def test_every_kind_of_data_set_has_an_entry():
    kinds = {kind.model_fields["kind"].default for kind in (Playground, Market1501, ImageFolder)}
    assert set(ENTRIES) == kinds
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


@pytest.mark.parametrize(
    "where", ["market1501", "Market-1501-v15.09.15", "market1501/Market-1501-v15.09.15"]
)
def test_market1501_is_found_under_its_usual_names(market, where):
    home = places.datasets_folder() / where
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
    shutil.move(market, places.datasets_folder() / "shelf")
    assert locate(MARKET.model_copy(update={"root": "shelf"})).name == "shelf"
    with pytest.raises(MissingDataset, match=str(market)):
        locate(given)


def test_a_missing_set_says_where_it_was_looked_for_and_what_to_do():
    with pytest.raises(MissingDataset) as caught:
        read_split(MARKET)
    said = str(caught.value)
    assert f"Market-1501 is not in {places.datasets_folder() / 'market1501'} or " in said
    for part in ("bounding_box_train", "https://", "data.root", "playground/quick"):
        assert part in said


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
    assert split.root.is_relative_to(places.datasets_folder() / "playground")
    told.clear()
    assert read_split(Data(dataset=SMALL)) == split
    assert not told


def test_none_of_this_needs_torch():
    modules = ("catalogue", "check", "findings", "images", "plan", "samplers", "samples")
    imports = "; ".join(f"import workbench.data.{module}" for module in modules)
    code = f"import sys; {imports}; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0

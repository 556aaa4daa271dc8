import shutil

import pytest

from tests.ui import data_by_hand
from workbench import paths
from workbench.data.catalogue.local_datasets import digests_of, find, holdings, read
from workbench.data.catalogue.published import ENTRIES
from workbench.data.synthetic import miniatures
from workbench.data.synthetic.miniatures import making
from workbench.data.synthetic.playground import digest
from workbench.errors import DataError, MissingDataset


def here():
    return {item.key: item for item in holdings() if item.path is not None}


def test_without_a_data_sets_folder_every_known_set_is_absent():
    assert here() == {}
    assert {item.kind for item in holdings()} == set(ENTRIES) - {"playground", "folder", "csv"}


def test_what_lies_in_the_folder_is_found_by_itself():
    data_by_hand.people("friends")
    data_by_hand.people("weights")
    data_by_hand.people(".hidden")
    data_by_hand.market("market1501")
    data_by_hand.market("street")
    data_by_hand.playground()
    found = here()
    key = f"playground/{digest(data_by_hand.SETTINGS)}"
    assert set(found) == {key, "market1501", "folder/friends", "folder/street"}
    assert found["folder/friends"].kind == "folder"
    assert found["folder/street"].kind == "market1501"
    assert found[key].settings == data_by_hand.SETTINGS
    assert found[key].title == "Playground: 4 + 2 people"


def test_a_set_is_read_from_exactly_its_folder():
    root = data_by_hand.playground()
    split = read(find(f"playground/{root.name}"))
    assert (split.root, split.identities, len(split.query)) == (root, 4, 2)
    data_by_hand.people("friends")
    assert len(read(find("folder/friends")).train) + len(read(find("folder/friends")).query) == 12


@pytest.mark.thorough
def test_miniatures_are_named_and_found_where_they_are_drawn():
    named = {item.key: item for item in holdings() if item.layout is not None}
    assert set(named) == {f"miniatures/{layout}" for layout in miniatures.NAMES}
    assert {item.path for item in named.values()} == {None}
    kinds = {item.layout: item.kind for item in named.values()}
    assert [kinds[one] for one in ("msmt17_v2", "cars196_parts", "in_shop", "occluded_reid")] == [
        *("msmt17", "cars196", "in_shop", "occluded_reid")
    ]
    assert named["miniatures/msmt17_v2"].title == "MSMT17, miniature"
    root = making.make("market1501", paths.datasets_folder())
    item = find("miniatures/market1501")
    assert (item.path, item.kind) == (root, "market1501")
    assert read(item).root == root
    # The published set is still not there.
    assert find("market1501").path is None


def test_digests_change_with_a_file():
    root = data_by_hand.market()
    before = digests_of(read(find("market1501")))
    (root / data_by_hand.TRAIN[0]).unlink()
    after = digests_of(read(find("market1501")))
    assert [part for part in before if before[part] != after[part]] == ["train"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "key", ["", "..", "folder/..", "folder/../runs", "/etc", "folder//etc", "playground/../x", "no"]
)
def test_only_what_was_listed_can_be_named(key):
    data_by_hand.people()
    with pytest.raises(MissingDataset, match="There is no data set"):
        find(key)


def test_a_set_deleted_meanwhile_is_told():
    item_root = data_by_hand.people()
    item = find("folder/friends")
    shutil.rmtree(item_root)
    with pytest.raises(MissingDataset, match="friends is not in"):
        read(item)


def test_a_damaged_playground_file_leaves_the_set_usable():
    root = data_by_hand.playground()
    (root / "playground.json").write_text('{"train_identities": "many"}')
    item = find(f"playground/{root.name}")
    assert item.settings is None
    assert read(item).identities == 4


def test_a_folder_that_cannot_be_listed_is_one_sentence(monkeypatch):
    root = data_by_hand.people()
    item = find("folder/friends")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("workbench.data.catalogue.local_datasets.read_split", refuse)
    with pytest.raises(DataError, match=f"{root} cannot be read \\(Permission denied\\): make it"):
        read(item)
    monkeypatch.setattr("workbench.data.catalogue.local_datasets.subfolders", refuse)
    with pytest.raises(DataError, match=f"{paths.datasets_folder()} cannot be read"):
        holdings()

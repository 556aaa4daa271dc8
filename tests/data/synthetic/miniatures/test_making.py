import pytest

from workbench.data.catalogue.published import dataset_of
from workbench.data.catalogue.splits import read_split
from workbench.data.synthetic.miniatures import NAMES
from workbench.data.synthetic.miniatures.making import LAYOUTS, layout_for, make
from workbench.errors import DataError, PlaceError
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.datasets import CUB200, DATASETS, ImageFolder, Playground


def test_there_is_a_miniature_of_every_published_layout():
    assert tuple(LAYOUTS) == NAMES
    assert set(DATASETS.kinds) - {"playground", "folder", "csv"} <= set(LAYOUTS)
    assert layout_for(CUB200()) == "cub200"
    for dataset in (Playground(), ImageFolder()):
        with pytest.raises(DataError, match="has no miniature"):
            layout_for(dataset)


@pytest.mark.thorough
def test_a_miniature_is_drawn_once(tmp_path):
    told = []
    root = make("cub200", tmp_path, lambda *news: told.append(news))
    assert told[-1] == ("drawing", 85, 85)
    assert root.name == "CUB_200_2011"
    split = read_split(Data(dataset=CUB200(), root=str(root)))
    assert len(split.train) == 48
    told.clear()
    assert make("cub200", tmp_path, lambda *news: told.append(news)) == root
    assert not told


@pytest.mark.thorough
def test_a_drawing_that_ends_early_leaves_nothing(tmp_path):
    def stop(stage, done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make("cub200", tmp_path, stop)
    assert list((tmp_path / "miniatures").iterdir()) == []


def test_what_cannot_be_drawn_is_refused(tmp_path):
    with pytest.raises(DataError, match="no miniature of 'cub': choose one of market1501"):
        make("cub", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(PlaceError, match="could not be drawn into"):
        make("cub200", tmp_path / "file")


@pytest.mark.long
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_miniature_can_be_drawn_and_read(tmp_path, layout):
    root = make(layout, tmp_path)
    kind = next(k for k in (layout, layout.rsplit("_", 1)[0]) if k in DATASETS.kinds)
    split = read_split(Data(dataset=dataset_of(kind), root=str(root)))
    assert split.identities >= 8

import pytest

from workbench.data.synthetic import playground
from workbench.data.synthetic.playground import dataset
from workbench.errors import PlaceError
from workbench.recipe.settings.data import Playground


def test_a_digest_names_settings_and_generator(monkeypatch):
    usual = playground.digest(Playground())
    assert usual == playground.digest(Playground())
    others = [
        Playground(train_identities=151),
        Playground(test_identities=101),
        Playground(image_height=64),
        Playground(look_alikes=0.5),
        Playground(seed=1),
    ]
    digests = {usual, *map(playground.digest, others)}
    monkeypatch.setattr(dataset, "GENERATOR_VERSION", dataset.GENERATOR_VERSION + 1)
    digests.add(playground.digest(Playground()))
    assert len(digests) == 7
    assert all(len(digest) == 12 for digest in digests)


@pytest.mark.thorough
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "datasets").write_text("a file where the folder should be")
    with pytest.raises(PlaceError, match=r"could not be drawn into .*WORKBENCH_DATASETS"):
        playground.make(Playground(), tmp_path / "datasets")

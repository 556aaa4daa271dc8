"""What the page shows of a pasted command."""

import pytest

from workbench.errors import RecipeError
from workbench.ui.translate_view import translated


def test_a_training_is_a_recipe_to_edit():
    (one,) = translated("python train.py --PCB --train_all --lr 0.01 --name mine")["found"]
    assert (one["action"], one["preset"]) == ("train", "layumi/pcb")
    assert one["title"] == "PCB, six stripes"
    assert one["overrides"] == {"training.optimizer.learning_rate": 0.01, "run.name": "mine"}
    assert ["training.optimizer.learning_rate", "0.01"] in one["differs"]
    assert one["command"].startswith("workbench train layumi/pcb --set ")


def test_what_is_taken_away_is_none():
    (one,) = translated("python train.py --train_all --linear_num 0")["found"]
    assert one["differs"] == [["model.branches.whole.neck.width", "none"]]


def test_several_programs_are_several_answers():
    text = "python prepare.py\npython train.py\npython test.py --multi"
    assert [one["action"] for one in translated(text)["found"]] == ["prepare", "train", "evaluate"]


def test_what_is_not_known_is_one_sentence():
    with pytest.raises(RecipeError, match="starts no Python program"):
        translated("make app")

"""Published commands in a notebook: read, tried small, and what they take for real."""

import doctest
import json

import pytest

from tests.ui import data_by_hand
from workbench.data.synthetic.miniatures.making import root_of
from workbench.errors import RecipeError
from workbench.paths import PACKAGE
from workbench.recipe.overrides import resolve
from workbench.ui.notebook import PublishedTraining, paper, published

pytestmark = pytest.mark.thorough
PCB = "python train.py --gpu_ids 1 --name mine --PCB --train_all --lr 0.02"
NOTEBOOK = PACKAGE.parent / "notebooks" / "reproduce_a_paper.ipynb"


def offered():
    """The commands of the notebook's cell of parameters."""
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    (cell,) = [cell for cell in cells if cell["metadata"].get("tags") == ["parameters"]]
    names = {}
    exec("".join(cell["source"]), names)
    return names["COMMANDS"]


def words(frame, what):
    return frame.loc[frame["what"] == what, "words"].item()


def test_a_published_command_is_its_preset_and_places():
    one = published(PCB)
    assert one.preset == "layumi/pcb"
    assert one.changed == {}
    assert one.placed == {"run.name": "mine", "run.devices": ["cuda:1"]}
    assert one.to_dataframe().empty
    assert "The command is the preset as it is." in one._repr_html_()


def test_every_command_that_the_notebook_offers_is_a_preset_and_nothing_else():
    found = {system: published(command) for system, command in offered().items()}
    assert set(found) == {"rpm", "msvit", "layumi", "nama", "mgn"}
    for system, one in found.items():
        assert one.preset.startswith(f"{system}/")
        assert one.changed == {}


def test_what_a_command_changes_stands_beside_the_preset():
    one = published(f"{PCB} --weight_decay 0.3")
    (row,) = one.to_dataframe().values.tolist()
    assert row[1:] == ["0.3", "0.0005"]
    page = one._repr_html_()
    assert row[0] in page
    assert "to be said anew on each machine: run.name = mine, run.devices" in page


def test_what_has_no_effect_is_said():
    one = published("python train.py --net regnet_y_1_6gf --lr-decay 0.5")
    assert "never uses it" in " ".join(one.notes)
    assert "--lr-decay" in one._repr_html_()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("python train.py --PCB --aiter 5", "adversarial"),
        (f"{PCB}; {PCB}", "holds 2 commands, of which 2 train"),
        ("python test.py", "holds 1 commands, of which 0 train"),
        ("make app", "starts no Python program"),
    ],
)
def test_anything_but_one_training_is_refused(command, said):
    with pytest.raises(RecipeError, match=said):
        published(command)


def test_a_trial_leaves_places_out_and_keeps_what_was_changed():
    one = published(f"{PCB} --weight_decay 0.3")
    small = one.on_miniature({"run.name": "trial"})
    assert small["data.root"] == root_of("prepared")
    assert small["run.name"] == "trial"
    assert "run.devices" not in small
    assert one.changed.items() <= small.items()
    assert resolve(one.preset, small).model.weights.kind == "none"


def test_for_real_it_is_said_what_is_missing():
    frame = PublishedTraining("mgn/market1501", {"run.devices": ["cuda:3"]}).for_real()
    assert words(frame, "Here").startswith("not yet under")
    assert "market1501" in words(frame, "Check it")
    assert "weights fetch resnet50" in words(frame, "Starting weights")
    assert words(frame, "Train") == "workbench train mgn/market1501"
    assert "rank1" in words(frame, "Reported")
    assert words(frame, "Terms")


def test_for_real_it_is_said_what_is_here():
    folder = data_by_hand.market()
    frame = published("python train_net.py --config-file configs/mgn_market1501.yml").for_real()
    assert words(frame, "Here") == str(folder)
    assert words(frame, "Check it") == f"workbench data check {folder}"
    assert "How to get it" not in frame["what"].tolist()


def test_no_figure_is_said_to_be_none():
    frame = PublishedTraining("nama/uc_tri_market1501", {}).for_real()
    assert words(frame, "Reported") == paper.NO_FIGURES


def test_the_examples_run():
    result = doctest.testmod(paper)
    assert (result.attempted >= 5, result.failed) == (True, 0)

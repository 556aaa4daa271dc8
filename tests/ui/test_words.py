import pytest

from workbench.runs.status import Status
from workbench.ui.words import duration, state_in_words


@pytest.mark.parametrize(
    ("status", "checkpoint", "words"),
    [
        (Status(state="queued", devices=("cpu",)), None, "Waiting for cpu."),
        (Status(state="starting", stage="loading torch"), None, "Starting: loading torch."),
        (
            Status(state="running", step=12, total=400, eta=65.0),
            None,
            "Training: step 12 of 400, about 1 min 05 s left.",
        ),
        (
            Status(state="running", step=130, total=400, stage="embedding 3 of 12"),
            None,
            "Training: step 130 of 400, embedding 3 of 12.",
        ),
        (
            Status(state="stopping", step=12, total=400),
            None,
            "Stopping after step 12 of 400: it writes a checkpoint first.",
        ),
        (Status(state="finished", step=400, total=400), None, "Finished after 400 steps."),
        (
            Status(state="lost", step=210, total=400),
            "step_00000200",
            "Lost: its process ended without a word at step 210 of 400. The last checkpoint is of"
            " step 200: Resume goes on from there.",
        ),
        (
            Status(state="failed", step=3),
            None,
            "Failed at step 3. There is no checkpoint yet: Resume begins again at step 0.",
        ),
    ],
)
def test_a_state_is_told_in_one_sentence(status, checkpoint, words):
    assert state_in_words(status, checkpoint) == words


def test_a_queued_run_says_who_comes_first():
    status = Status(state="queued", devices=("cuda:0",))
    words = state_in_words(status, None, ("night run", "b", "c"))
    assert words == "Waiting for cuda:0: night run and 2 more come first."
    words = state_in_words(status, None, ("night run",))
    assert words == "Waiting for cuda:0: night run comes first."


def test_lengths_of_time():
    told = [duration(seconds) for seconds in (0.4, 59.6, 3599, 3600)]
    assert told == ["0 s", "1 min 00 s", "59 min 59 s", "1 h 00 min"]

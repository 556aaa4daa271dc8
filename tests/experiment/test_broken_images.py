"""A run on a folder of one's own in which not every file is an image."""

import numpy as np
import pytest
from PIL import Image

from tests.experiment.tiny import overrides
from workbench.data.readers import folder
from workbench.experiment.work import FAILED, train_run
from workbench.runs import checkpoints
from workbench.runs.log import read_events
from workbench.runs.management import create_run
from workbench.runs.status import written_status

IMAGES = 4


def picture(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (32, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def root(tmp_path):
    """Eight identities of four images, and a note."""
    home = tmp_path / "own"
    for person in range(8):
        for number in range(IMAGES):
            picture(home / f"person {person}" / f"{number}.jpg", [person, number])
    (home / "person 3" / "notes.txt").write_text("seen twice")
    return home


@pytest.mark.thorough
@pytest.mark.process
def test_a_broken_image_that_a_process_meets_ends_the_run_with_its_name(root):
    # Six identities are trained on, and every batch has all of their images.
    broken = root / folder.read(root).train[0].path
    broken.write_text("no image")
    changes = {
        "data.dataset.kind": "folder",
        "data.sampler.identities": 6,
        "data.sampler.images": IMAGES,
        "data.loader.kind": "workers",
        "data.loader.workers": 1,
    }
    run = create_run("playground/quick", overrides(root) | changes)
    assert train_run(run) == FAILED
    status, (events, _) = written_status(run), read_events(run.events_file)
    assert status.state == "failed"
    assert status.error.startswith(str(broken))
    assert "\n" not in status.error
    assert events[-1]["kind"] == "failed"
    assert (events[-1]["error"], events[-1]["checkpoint"]) == (status.error, None)
    told = "One file that is no image is left out: person 3/notes.txt."
    assert told in [event["message"] for event in events if event["kind"] == "warning"]
    assert checkpoints.last_name(run) is None
    assert not [*run.path.rglob("*.safetensors"), *run.path.rglob("query.npy")]

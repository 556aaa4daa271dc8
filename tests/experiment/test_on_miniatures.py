"""Published recipes on their miniatures: networks take the images, a worker trains to the end."""

import time

import pytest
import torch

from workbench.data.synthetic.miniatures.trial import on_miniature
from workbench.experiment.networks import new_network
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import preset_names
from workbench.recipe.schema import output_names
from workbench.runs.lifecycle import launch

PATIENCE = 500.0
"""Seconds, for a machine that does much else meanwhile."""
DRAWN = ("playground/", "baseline/folder")
# Networks of the same make with few layers, and batches that make one or two steps.
SHALLOW = {"model.backbone.depths": [1, 1, 1, 1]}
SMALL = {"model.backbone.name": "resnet18"}
SHORT = {
    "rpm/cub200": SHALLOW | {"training.averaging.first_epoch": 1},
    "msvit/cub200_s": SHALLOW | {"training.averaging.first_epoch": 1},
    "layumi/market1501": SMALL,
    "nama/uc_cls_market1501": SMALL | {"data.sampler.images": 4},
    "mgn/market1501": SMALL | {"data.sampler.identities": 4, "data.sampler.images": 2},
}
ONCE = {
    "training.length.count": 1,
    "training.evaluate.kind": "never",
    "training.precision": "fp32",
    "evaluation.embedding.flip": False,
    "run.devices": ["cpu"],
    "run.threads": 1,
}


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_every_network_takes_a_batch_of_its_miniature():
    seen = set()
    for preset in preset_names():
        if preset.startswith(DRAWN):
            continue
        recipe = resolve(preset, on_miniature(preset))
        size = recipe.data.height, recipe.data.width
        if (key := (recipe.model.model_dump_json(), size)) in seen:
            continue
        seen.add(key)
        with torch.device("meta"), torch.no_grad():
            outputs = new_network(recipe, 8)(torch.empty(4, 3, *size))
        assert set(outputs) == set(output_names(recipe.model)), preset


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """Data sets of all trainings: each miniature is drawn once."""
    return tmp_path_factory.mktemp("datasets")


@pytest.mark.thorough
@pytest.mark.process
@pytest.mark.timeout(600)
@pytest.mark.parametrize("preset", SHORT)
def test_one_preset_of_each_system_is_trained_to_the_end(preset, shelf, monkeypatch):
    monkeypatch.setenv("WORKBENCH_DATASETS", str(shelf))
    settings = on_miniature(preset, SHORT[preset] | ONCE)
    run = launch.start(preset, settings)
    until = time.monotonic() + PATIENCE
    while run.status().alive and time.monotonic() < until:
        time.sleep(0.2)
    status = run.status()
    assert status.state == "finished", run.log_file.read_text()
    assert set(status.metrics["raw"]) >= {"mAP", "rank1"}

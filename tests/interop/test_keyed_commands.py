"""The training commands of FastReID and their keys, and refusals of these and of MGN's."""

import pytest

from workbench.errors import RecipeError
from workbench.interop.commands import translate
from workbench.interop.commands.translation import is_placement


def changes_of(command):
    (translation,) = translate(command)
    return {path: value for path, value in translation.overrides.items() if not is_placement(path)}


MGN = "CUDA_VISIBLE_DEVICES=1 python train_net.py --config-file='configs/mgn_market1501.yml'"


FASTREID = "python3 tools/train_net.py --config-file ./configs/{}/{}_R50.yml {}"


@pytest.mark.parametrize(
    ("folder", "dataset"),
    [("Market1501", "market1501"), ("DukeMTMC", "dukemtmc"), ("MSMT17", "msmt17")],
)
@pytest.mark.parametrize(("file", "method"), [("bagtricks", "bot"), ("AGW", "agw"), ("sbs", "sbs")])
def test_the_published_commands_of_fastreid(folder, dataset, file, method):
    (translation,) = translate(FASTREID.format(folder, file, 'MODEL.DEVICE "cuda:0"'))
    assert translation.preset == f"fastreid/{method}_{dataset}"
    assert translation.overrides == {"run.devices": ["cuda:0"]}
    assert any("is known by its name and not opened" in note for note in translation.notes)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("file", "arguments", "expected"),
    [
        ("bagtricks", 'SOLVER.STEPS "[40, 90]"', {}),
        ("bagtricks", 'SOLVER.STEPS "[30, 90]"', {"training.schedule.at": [39, 99]}),
        ("bagtricks", "SOLVER.MAX_EPOCH 90", {"training.length.count": 90}),
        ("bagtricks", "DATALOADER.NUM_INSTANCE 8", {"data.sampler.identities": 8}),
        ("bagtricks", "MODEL.LOSSES.TRI.HARD_MINING False", {"losses.triplet.mining": "weighted"}),
        ("bagtricks", "MODEL.HEADS.POOL_LAYER GlobalAvgPool", {}),
        (
            "AGW",
            "MODEL.HEADS.POOL_LAYER GeneralizedMeanPoolingP",
            {"model.branches.whole.pool.learned": True},
        ),
        ("AGW", "MODEL.BACKBONE.WITH_NL True", {}),
        ("sbs", "MODEL.BACKBONE.WITH_NL False", {"model.backbone.non_local": False}),
        ("sbs", "MODEL.HEADS.NECK_FEAT before", {"losses.triplet.reads": "pooled"}),
        ("AGW", "MODEL.LOSSES.TRI.MARGIN 0.0", {}),
        ("AGW", "MODEL.LOSSES.TRI.MARGIN 0.3", {"losses.triplet.margin": 0.3}),
        ("sbs", "MODEL.HEADS.MARGIN 0.25", {"losses.identity.margin": 0.25}),
        ("sbs", "SOLVER.IMS_PER_BATCH 32", {"data.sampler.identities": 2}),
        (
            "sbs",
            "--num-gpus 4 SOLVER.FREEZE_ITERS 500",
            {"training.parameter_groups.pretrained.frozen_steps": 500},
        ),
    ],
)
def test_a_key_of_fastreid_is_its_override(file, arguments, expected):
    changes = changes_of(FASTREID.format("Market1501", file, arguments))
    assert {path: changes.get(path) for path in expected} == expected
    assert set(changes) <= {*expected, "data.sampler.images"}


def test_an_evaluation_of_fastreid():
    arguments = "--eval-only MODEL.WEIGHTS model.pth TEST.RERANK.ENABLED True"
    (translation,) = translate(FASTREID.format("DukeMTMC", "AGW", arguments))
    assert (translation.action, translation.preset) == ("evaluate", "fastreid/agw_dukemtmc")
    assert translation.overrides["evaluation.re_ranking"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("command", "message"),
    [
        (
            MGN.replace("mgn_market1501", "bagtricks_market"),
            "is no configuration that is published",
        ),
        (f"{MGN} SOLVER.MAX_ITER many", "cannot be read as its value"),
        (f"{MGN} MODEL.META_ARCHITECTURE Baseline", "only MGN is built here"),
        (f"{MGN} SOLVER.IMS_PER_BATCH 10", "is not a multiple of DATALOADER.NUM_INSTANCE 4"),
        (MGN.replace("=1", "=gpus"), "name devices by number"),
        ("python train_net.py", "--config-file: is missing"),
        (FASTREID.format("Market1501", "sbs", "SOLVER.MAX_ITER 3"), "SOLVER.MAX_ITER: is no key"),
        (FASTREID.format("Mars", "sbs", ""), "is no configuration that is published"),
    ],
)
def test_refusals(command, message):
    with pytest.raises(RecipeError, match=message):
        translate(command)

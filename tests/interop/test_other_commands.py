"""Commands that do not train: evaluations, lists, heatmaps, preparations; and what is refused."""

import pytest

from workbench.cli.arguments import parser
from workbench.cli.settings import split_settings
from workbench.errors import RecipeError
from workbench.interop.commands import translate
from workbench.interop.commands.layumi_results import PREPARATIONS
from workbench.recipe.merge import validated
from workbench.recipe.overrides import merged
from workbench.recipe.presets import DEFAULT_PRESET, load_preset

RPM = "--net regnet_y_1_6gf --decoder rpm_max --num-part 2 --feat-num 256 --gpus 0"
MSVIT = "--net msvit_s --split-size 8,8 --sparse-ratio 0.3 --gpus 0"
NAMA = "python test.py --config_file='configs/softmax_triplet.yml' DATASETS.NAMES dukemtmc"
MGN = "python train_net.py --config-file configs/mgn_duke.yml --eval-only MODEL.WEIGHTS model.pth"
COMMANDS = [
    ("python test.py", "workbench evaluate last --lines layumi --checkpoint last"),
    (
        "python test.py --PCB --name PCB-64",
        "workbench evaluate PCB-64 --lines layumi --checkpoint last",
    ),
    (
        "python test.py --gpu_ids 0 --name ft --test_dir data --batchsize 32 --which_epoch 59",
        "workbench evaluate ft --lines layumi --checkpoint last --set data.root=data"
        " --set evaluation.batch_size=32",
    ),
    *(
        (
            f"python test.py --which_epoch {epoch}",
            "workbench evaluate last --lines layumi --checkpoint last",
        )
        for epoch in ("last", "59", "059", "60", "060", "39")
    ),
    *(
        (
            f"python test.py --name a --which_epoch {epoch} --data_dir b",
            "workbench evaluate a --lines layumi --weights averaged --checkpoint last"
            " --set data.root=b",
        )
        for epoch in ("average", "average_bn")
    ),
    (
        "python test.py --which_epoch best",
        "workbench evaluate last --lines layumi --checkpoint best",
    ),
    (
        "python test_MSMT.py --multi",
        "workbench evaluate last --lines layumi --checkpoint last"
        " --set evaluation.multi_query=true",
    ),
    ("python evaluate.py", "workbench evaluate last --lines layumi --checkpoint last"),
    ("python evaluate_gpu.py", "workbench evaluate last --lines layumi --checkpoint last"),
    (
        "python evaluate_rerank.py",
        "workbench evaluate last --re-rank --lines layumi --checkpoint last"
        " --set evaluation.re_ranking.squared=true",
    ),
    *(
        (
            f"python demo.py --query_index {query}",
            f"workbench rank last --checkpoint last --query {query.split()[0]} -k 10",
        )
        for query in ("777", "3 --test_dir x")
    ),
    (
        "python visual_heatmap.py --name ft",
        "workbench explain ft --checkpoint last --method activation_sum --out heatmap",
    ),
    *(
        (f"python {program}", f"workbench data export layumi {layout}")
        for program, layout in {
            "prepare.py": "market1501",
            "prepare_Duke.py": "dukemtmc",
            "prepare_MSMT.py": "msmt17",
            "prepare_VeRi.py": "veri776",
            "prepare_VehicleID.py": "vehicleid",
        }.items()
    ),
    (
        f"python test_market1501.py {RPM} --dataset-root ../datasets",
        "workbench evaluate last --lines rpm --checkpoint last"
        " --set data.root=../datasets/Market-1501-v15.09.15",
    ),
    (
        f"python test_npdetected.py {MSVIT} --batch-size 32",
        "workbench evaluate last --lines msvit --checkpoint last --set evaluation.batch_size=32",
    ),
    (
        f"python vis_market1501.py {RPM} --weight ema",
        "workbench explain last --masks --weights averaged --out vis/output_ema",
    ),
    (
        f"python vis_market1501.py {RPM} --weight 40",
        "workbench explain last --masks --weights raw --out vis/output_40",
    ),
    (f"{NAMA} MODEL.ARCH clsuc", "workbench evaluate last --lines nama --checkpoint last"),
    (
        f"{NAMA} MODEL.ARCH clsuc TEST.RE_RANKING yes",
        "workbench evaluate last --lines nama --checkpoint last --re-rank",
    ),
    (MGN, "workbench evaluate last --lines mgn --checkpoint last"),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("theirs", "ours"), COMMANDS)
def test_a_command_that_does_not_train_is_one_of_ours(theirs, ours):
    (translation,) = translate(theirs)
    assert translation.action != "train"
    assert translation.command == ours
    arguments, _ = split_settings(translation.arguments[1:])
    assert parser().parse_args(arguments).action


def test_every_epoch_at_the_end_is_the_last_without_a_word():
    for epoch in ("59", "059", "60", "060"):
        (translation,) = translate(f"python test.py --name a --which_epoch {epoch}")
        assert translation.notes == ()


@pytest.mark.parametrize("program", PREPARATIONS)
def test_every_preparation_has_a_row(program):
    assert f"python {program}" in [theirs for theirs, _ in COMMANDS]


def test_pictures_of_ranked_lists_are_a_list_of_their_own():
    evaluated, ranked = translate(f"{NAMA} MODEL.ARCH clsuc TEST.VISRANK 10 TEST.NECK_FEAT 'after'")
    assert evaluated.command == "workbench evaluate last --lines nama --checkpoint last"
    assert ranked.command == "workbench rank last --checkpoint last --query 0 -k 10"
    assert (evaluated.preset, ranked.action) == ("nama/uc_cls_dukemtmc", "rank")


@pytest.mark.parametrize(
    ("command", "preset"),
    [
        (f"python test_car196.py {RPM.replace('1_6gf', '1_6gf_prelu')}", "rpm/cars196_prelu"),
        (f"python test_occluded_duke.py {MSVIT.replace('_s', '_l')}", "msvit/occluded_duke_l"),
        (MGN, "mgn/dukemtmc"),
    ],
)
def test_the_preset_that_was_trained_is_named(command, preset):
    assert translate(command)[0].preset == preset


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("python test.py --which_epoch 39", "named by steps; this takes the last one"),
        ("python test.py --workers 4", "changes no figure"),
        ("python test.py --fp16", "the run knows its own network"),
        ("python demo.py --query_index 3 --test_dir x", "knows where its images are"),
        ("python visual_heatmap.py --batchsize 1", "two images are drawn"),
        ("python visual_heatmap.py", "the program draws its first training image"),
        (f"python test_market1501.py {RPM}", "--gpus: an evaluation takes a GPU where"),
        (f"python test_market1501.py {RPM} --weight 40", "--weight 40: checkpoints here are named"),
        (f"python vis_market1501.py {RPM} --weight 40", "--weight 40: checkpoints here are named"),
        (f"{NAMA} MODEL.ARCH clsuc MODEL.DEVICE_ID 0", "an evaluation takes a GPU where"),
        (f"{NAMA} MODEL.ARCH clsuc SOLVER.CS 32", "those of the run, whatever the command says"),
        (f"{MGN} SOLVER.BASE_LR 1", "those of the run, whatever the command says"),
        (f"{NAMA} MODEL.ARCH clsuc TEST.WEIGHT x.pt", "is not read here"),
        (MGN, "is not read here"),
        ("sh scripts/train_duke.sh", "names a configuration that does not exist"),
    ],
)
def test_what_is_meant_otherwise_is_said(command, message):
    assert any(message in note for note in translate(command)[0].notes)


ONE_FLAG = [
    ("python test.py --multi", {"evaluation.multi_query": True}),
    ("python test.py --ms 1,0.9", {"evaluation.embedding.scales": [1.0, 0.9487]}),
    ("python test.py --batchsize 8", {"evaluation.batch_size": 8}),
    ("python test.py --data_dir x", {"data.root": "x"}),
    *((f"python test.py {flag}", {}) for flag in ("--PCB", "--fp16", "--use_dense", "--gpu_ids 1")),
    (f"python test_market1501.py {RPM} --img-height 256", {"data.height": 256}),
    (f"python test_market1501.py {RPM} --img-width 64", {"data.width": 64}),
    (f"python test_market1501.py {RPM} --batch-size 16", {"evaluation.batch_size": 16}),
    (f"python test_market1501.py {RPM} --use-global False", {}),
    (f"python test_car196.py {MSVIT} --img-height 448", {"data.height": 448}),
    (f"{NAMA} MODEL.ARCH clsuc TEST.NORM_K 0.5", {"evaluation.certainty_weight": 0.5}),
    (f"{NAMA} MODEL.ARCH clsuc TEST.IMS_PER_BATCH 30", {"evaluation.batch_size": 30}),
    (f"{NAMA} MODEL.ARCH clsuc INPUT.SIZE_TEST '(192, 128)'", {"data.height": 192}),
    (f"{NAMA} MODEL.ARCH clsuc SOLVER.CS 32", {}),
    (f"{MGN} TEST.IMS_PER_BATCH 64", {"evaluation.batch_size": 64}),
    (f"{MGN} TEST.METRIC euclidean", {"evaluation.distance": "euclidean"}),
    (f"{MGN} TEST.FLIP_ENABLED True", {"evaluation.embedding.flip": True}),
    (f"{MGN} INPUT.SIZE_TEST '(192, 128)'", {"data.height": 192}),
    (f"{MGN} TEST.RERANK.K1 25", {}),
    (
        f"{MGN} TEST.RERANK.ENABLED True TEST.RERANK.K1 25",
        {
            "evaluation.re_ranking": True,
            "evaluation.re_ranking.k1": 25,
            "evaluation.re_ranking.k2": 25,
            "evaluation.re_ranking.weight": 0.3,
            "evaluation.re_ranking.squared": False,
        },
    ),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("theirs", "changed"), ONE_FLAG)
def test_a_changed_flag_of_an_evaluation_is_its_override(theirs, changed):
    (translation,) = translate(theirs)
    assert translation.overrides == changed
    _, settings = split_settings(translation.arguments[1:])
    base = load_preset(translation.preset or DEFAULT_PRESET)
    # What the command says in text is what the overrides say.
    assert validated(*merged(base, settings)) == validated(*merged(base, changed))
    assert all(path.startswith(("data.", "evaluation.")) for path in settings)


@pytest.mark.thorough
def test_a_training_of_nama_may_change_its_evaluation():
    (translation,) = translate(
        f"{NAMA.replace('test.py', 'train.py')} MODEL.ARCH clsuc TEST.NORM_K 0.5"
        " TEST.RE_RANKING yes TEST.VISRANK 10"
    )
    assert translation.overrides["evaluation.certainty_weight"] == 0.5
    assert translation.overrides["evaluation.re_ranking"] is True
    assert any(note.startswith("TEST.VISRANK: the Rankings tab") for note in translation.notes)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("python test.py --ms 100", r"evaluation\.embedding\.scales.* = 10\.0: too large"),
        (f"python test_car196.py {MSVIT} --img-height 250", "which 7 does not divide"),
        ("python test.py --ms 0", "--ms 0: cannot be read as its value"),
        ("python test.py --batchsize 0", r"evaluation\.batch_size = 0"),
        (f"{MGN} TEST.METRIC jaccard", "only cosine or euclidean is built here"),
        (f"{MGN} TEST.AQE.ENABLED True", "only false is built here"),
        ("python -m torch.distributed.run train_DDP.py --PCB", "several processes"),
        ("python test_with_TensorRT.py", "not built here: TensorRT"),
        ("python prepare_static.py", "means and deviations"),
        ("python prepare_viper.py", "not built here: VIPeR"),
        ("python prepare_CUB.py", "CUB-200-2011, which has no query and gallery"),
        ("python test_market.py --net regnet_y_1_6gf", "is no data set of this program"),
        ("python test_market1501.py", "is no program of"),
        (f"python test_sop.py {MSVIT.replace('_s', '_x')}", "--net msvit_x: is no network"),
        ("python demo.py --query 3 --nosuch", "is no flag of this program"),
        (f"{NAMA} MODEL.ARCH clsuc TEST.NECK_FEAT before", "only after is built here"),
        (f"{NAMA} MODEL.ARCH mgn", "is not built here"),
        ("python train.py --use_dino", "weights behind a licence"),
        ("python train.py --aiter 5", "adversarial"),
        ("python train.py --FSGD", "private optimizer"),
    ],
)
def test_what_is_not_built_is_refused_by_name(command, message):
    with pytest.raises(RecipeError, match=message):
        translate(command)

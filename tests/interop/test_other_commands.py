"""Commands that do not train: evaluations, lists, heatmaps, preparations; and what is refused."""

import pytest

from workbench.cli.commands import parser
from workbench.cli.settings import split_settings
from workbench.errors import RecipeError
from workbench.interop.commands import translate

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
        "workbench evaluate ft --lines layumi --set data.root=data",
    ),
    (
        "python test.py --name a --which_epoch average --data_dir b",
        "workbench evaluate a --lines layumi --weights averaged --set data.root=b",
    ),
    ("python test_MSMT.py --multi", "workbench evaluate last --lines layumi --checkpoint last"),
    ("python evaluate.py", "workbench evaluate last --lines layumi"),
    ("python evaluate_gpu.py", "workbench evaluate last --lines layumi"),
    ("python evaluate_rerank.py", "workbench evaluate last --re-rank --lines layumi"),
    ("python demo.py --query_index 777", "workbench rank last --query 777 -k 10"),
    ("python demo.py --query_index 3 --test_dir x", "workbench rank last --query 3 -k 10"),
    ("python visual_heatmap.py --name ft", "workbench explain ft --out heatmap"),
    ("python prepare.py", "workbench data export layumi market1501"),
    ("python prepare_Duke.py", "workbench data export layumi dukemtmc"),
    (
        f"python test_market1501.py {RPM} --dataset-root ../datasets",
        "workbench evaluate last --lines rpm --checkpoint last"
        " --set data.root=../datasets/Market-1501-v15.09.15",
    ),
    (
        f"python test_npdetected.py {MSVIT} --batch-size 32",
        "workbench evaluate last --lines msvit --checkpoint last",
    ),
    (
        f"python vis_market1501.py {RPM} --weight ema",
        "workbench explain last --masks --weights averaged --out vis/output_ema",
    ),
    (
        f"python vis_market1501.py {RPM} --weight 40",
        "workbench explain last --masks --weights raw --out vis/output_40",
    ),
    (f"{NAMA} MODEL.ARCH clsuc", "workbench evaluate last --lines nama"),
    (
        f"{NAMA} MODEL.ARCH clsuc TEST.RE_RANKING yes",
        "workbench evaluate last --lines nama --re-rank",
    ),
    (MGN, "workbench evaluate last --lines mgn"),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("theirs", "ours"), COMMANDS)
def test_a_command_that_does_not_train_is_one_of_ours(theirs, ours):
    (one,) = translate(theirs)
    assert one.action != "train"
    assert one.command == ours
    words, _ = split_settings(one.words[1:])
    assert parser().parse_args(words).action


def test_pictures_of_ranked_lists_are_a_list_of_their_own():
    figures, ranked = translate(f"{NAMA} MODEL.ARCH clsuc TEST.VISRANK 10 TEST.NECK_FEAT 'after'")
    assert figures.command == "workbench evaluate last --lines nama"
    assert ranked.command == "workbench rank last --query 0 -k 10"
    assert (figures.preset, ranked.action) == ("nama/uc_cls_dukemtmc", "rank")


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
    ("command", "said"),
    [
        ("python test.py --multi", "evaluation.multi_query = true"),
        ("python test.py --ms 1,0.9", "evaluation.embedding.scales = [1.0, 0.9487]"),
        ("python test.py --which_epoch 59", "named by steps"),
        ("python test.py --fp16", "the run knows its own network"),
        (f"{NAMA} MODEL.ARCH clsuc TEST.NORM_K 0.5", "evaluation.certainty_weight"),
        (f"{NAMA} MODEL.ARCH clsuc TEST.WEIGHT x.pt", "is not read here"),
        (MGN, "is not read here"),
        ("sh scripts/train_duke.sh", "names a configuration that does not exist"),
    ],
)
def test_what_is_meant_otherwise_is_said(command, said):
    assert any(said in note for note in translate(command)[0].notes)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("python -m torch.distributed.run train_DDP.py --PCB", "several processes"),
        ("python test_with_TensorRT.py", "not built here: TensorRT"),
        ("python prepare_static.py", "means and deviations"),
        ("python test_market.py --net regnet_y_1_6gf", "is no data set of this program"),
        ("python test_market1501.py", "is no program of"),
        (f"python test_sop.py {MSVIT.replace('_s', '_x')}", "--net msvit_x: is no network"),
        ("python demo.py --query 3 --nosuch", "is no flag of this program"),
        (f"{NAMA} MODEL.ARCH clsuc TEST.NECK_FEAT before", "only after is built here"),
        (f"{NAMA} MODEL.ARCH mgn", "is not built here"),
        ("python train.py --use_swinv2", "Swin of the second version"),
        ("python train.py --use_dino", "weights behind a licence"),
        ("python train.py --aiter 5", "adversarial"),
        ("python train.py --FSGD", "private optimizer"),
    ],
)
def test_what_is_not_built_is_refused_by_name(command, said):
    with pytest.raises(RecipeError, match=said):
        translate(command)

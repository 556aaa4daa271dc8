"""Configuration files of one's own that a command names."""

import pytest

from workbench.errors import RecipeError
from workbench.interop.commands import translate

MINE = """
_BASE_: {base}
MODEL:
  BACKBONE: {{LAST_STRIDE: 1}}
  LOSSES:
    TRI: {{MARGIN: 0.3, NORM_FEAT: True}}
SOLVER:
  BASE_LR: 1.0e-4
  STEPS: (100, 200)
  IMS_PER_BATCH: 32
INPUT:
  SIZE_TRAIN: [192, 128]
  DO_PAD: False
OUTPUT_DIR: logs/mine
"""


def train(path, arguments=""):
    (translation,) = translate(
        f"cd {path.parent} && python train_net.py --config-file {path.name} {arguments}"
    )
    return translation


def test_a_file_on_top_of_a_published_one(tmp_path):
    (tmp_path / "mine.yml").write_text(MINE.format(base="configs/mgn_duke.yml"))
    translation = train(tmp_path / "mine.yml", "SOLVER.BASE_LR 2e-4")
    assert translation.preset == "mgn/dukemtmc"
    assert translation.overrides == {
        "model.backbone.tail_strides": [1, 1, 1],
        "losses.triplet.margin": 0.3,
        "losses.triplet.normalise": True,
        "training.optimizer.learning_rate": 2e-4,  # what the command says comes last
        "training.schedule.at": [100, 200],
        "data.sampler.identities": 8,
        "data.height": 192,
        "data.transforms.pad_and_crop.pixels": 0,
    }
    assert "What the file leaves out is as in mgn/dukemtmc." in translation.notes


def test_files_build_on_files(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "base.yaml").write_text(
        "DATASETS:\n  NAMES: ('MSMT17',)\nSOLVER: {MAX_ITER: 50, GAMMA: 0.5}"
    )
    (tmp_path / "mine.yml").write_text("_BASE_: below/base.yaml\nSOLVER: {GAMMA: 0.2}")
    translation = train(tmp_path / "mine.yml")
    assert translation.preset == "mgn/msmt17"
    assert translation.overrides == {"training.length.count": 50, "training.schedule.factor": 0.2}


def test_a_file_of_nama(tmp_path):
    (tmp_path / "mine.yml").write_text(
        "MODEL: {ARCH: clsuc, NECK: bnneck, LAST_STRIDE: 2}\n"
        "INPUT: {SIZE_TRAIN: [128, 64], RE_PROB: 0.0, PADDING: 5}\n"
        "DATASETS: {NAMES: ('dukemtmc')}\n"
        "SOLVER: {GAMMA: 0.2, IMS_PER_BATCH: 60}\n"
    )
    (translation,) = translate(f"python3 train.py --config_file={tmp_path}/mine.yml SOLVER.CS 32")
    assert translation.preset == "nama/uc_cls_dukemtmc"
    assert translation.overrides == {
        "model.backbone.tail_strides": [2],
        "data.height": 128,
        "data.width": 64,
        "data.transforms.erasing.probability": 0.0,
        "data.transforms.pad_and_crop.pixels": 5,
        "training.schedule.factor": 0.2,
        "losses.identity.scale": 32.0,
        "data.sampler.identities": 6,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("_BASE_: mine.yml", "leads to more than 8 other files"),
        ("_BASE_: gone.yml", r"gone.yml: is no configuration that is published, nor a file"),
        ("MODEL: {META_ARCHITECTURE: Baseline}", "only MGN is built here"),
        ("SOLVER: {MAX_EPOCH: 60}", "SOLVER.MAX_EPOCH: is no key of this program"),
        ("SOLVER: {BASE_LR: [1]}", "cannot be read as its value"),
        ("SOLVER: {BASE_LR: 1, BASE_LR: 2}", "is given twice"),
        ("!!python/object/apply:os.system [ls]", "YAML"),
        ("- a\n- b", "a mapping"),
    ],
)
def test_bad_files_are_one_sentence(tmp_path, text, message):
    (tmp_path / "mine.yml").write_text(text)
    with pytest.raises(RecipeError, match=message) as refused:
        train(tmp_path / "mine.yml")
    assert "\n" not in str(refused.value)


def test_only_small_text_files_of_this_kind_are_opened(tmp_path):
    (tmp_path / "mine.yml").write_text("a: b\n" * 100_000)
    with pytest.raises(RecipeError, match="nor a file of at most 200 kB"):
        train(tmp_path / "mine.yml")
    (tmp_path / "mine.yml").write_bytes(b"\xff\xfe")
    with pytest.raises(RecipeError, match="is not UTF-8 text"):
        train(tmp_path / "mine.yml")
    (tmp_path / "secrets.txt").write_text("a: b")
    with pytest.raises(RecipeError, match=r"secrets\.txt: is no \.yml or \.yaml file"):
        train(tmp_path / "secrets.txt")

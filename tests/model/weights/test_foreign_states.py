"""Checkpoints of other toolboxes as a start, each built as its toolbox writes it."""

import argparse
import unicodedata
from collections import OrderedDict

import numpy as np
import pytest
import timm
import torch

from tests.model.weights.test_weights import (
    COMPACT,
    TIMM,
    load_file,
    network_of,
    refused,
    same,
    saved,
)
from workbench.model.weights.loading import add, read_state
from workbench.recipe.settings import model as settings


def resnet(seed=5):
    torch.manual_seed(seed)
    return timm.create_model("resnet18", channels=(8, 16, 32, 64), num_classes=10).state_dict()


def start(content, name="a.pth"):
    """A network that starts from a file, and what was said of it."""
    network = network_of(TIMM, seed=1)
    return network, load_file(network, saved(content, name))


def trunk(state):
    return {f"trunk.{key}": value for key, value in state.items() if not key.startswith("fc.")}


def prefixed(prefix, state):
    return {prefix + key: value for key, value in state.items()}


@pytest.mark.parametrize(
    "prefix",
    [
        *("module.", "model.", "backbone.", "base.", "encoder_q."),
        *("module.encoder_q.", "model.backbone.", "net.trunk_of_mine.", "_orig_mod.x."),
    ],
)
def test_a_known_trunk_is_recognised_under_any_prefix(prefix):
    state = resnet()
    network, report = start(prefixed(prefix, state))
    assert same(network, trunk(state), "trunk.")
    assert (report.missing, report.unexpected) == ((), ())
    assert set(report.skipped) == {"fc.weight", "fc.bias"}


def test_heads_beside_a_prefixed_trunk_are_unexpected():
    state = resnet()
    heads = {"heads.bottleneck.0.bias": torch.zeros(64), "heads.weight": torch.zeros(7, 64)}
    network, report = start({"model": prefixed("backbone.", state) | heads, "iteration": 4})
    assert same(network, trunk(state), "trunk.")
    assert set(report.unexpected) == set(heads)


def test_numbers_of_numpy_may_lie_beside_the_weights():
    state = resnet()
    beside = {
        "epoch": 60,
        "rank1": np.float64(0.9),
        "mAP": np.float32(0.8),
        "best": np.int64(3),
        "optimizer": {"state": {0: {"momentum_buffer": torch.ones(2)}}, "param_groups": []},
    }
    network, report = start({"state_dict": prefixed("module.", state)} | beside, "m.pth.tar")
    assert same(network, trunk(state), "trunk.")
    assert report.unexpected == ()


def test_a_checkpoint_of_lightning_is_read():
    state = OrderedDict(prefixed("model.", resnet()))
    content = {
        "epoch": 1,
        "global_step": 20,
        "pytorch-lightning_version": "2.5",
        "state_dict": state | {"criterion.centres": torch.zeros(3, 4)},
        "loops": {"fit_loop": {"state_dict": {}}},
        "hyper_parameters": {"lr": 0.1, "names": ["a"]},
    }
    network, report = start(content, "last.ckpt")
    assert same(network, trunk(resnet()), "trunk.")
    assert report.unexpected == ("criterion.centres",)


def test_of_two_encoders_the_trained_one_is_taken():
    queries, keys = resnet(1), resnet(2)
    moco = prefixed("module.encoder_k.", keys) | prefixed("module.encoder_q.", queries)
    network, report = start({"arch": "resnet18", "state_dict": moco})
    assert same(network, trunk(queries), "trunk.")
    assert len(report.unexpected) == len(keys)
    dino = {"student": prefixed("module.backbone.", queries)}
    network, _ = start({**dino, "teacher": prefixed("backbone.", keys), "optimizer": {}})
    assert same(network, trunk(keys), "trunk.")


def test_a_whole_network_of_ours_is_found_behind_a_prefix():
    source, target = network_of(), network_of(seed=1)
    state = prefixed("model.", source.state_dict())
    assert load_file(target, saved({"state_dict": state}, "a.ckpt")).clean
    assert same(target, source.state_dict())


@pytest.mark.thorough
def test_a_vision_transformer_is_found_behind_a_prefix_and_resized():
    backbone = settings.TimmBackbone(name="vit_tiny_patch16_224")
    source, target = network_of(backbone, image=(64, 64)), network_of(backbone, seed=1)
    bare = {
        key.replace("trunk.", "backbone.", 1): value
        for key, value in source.state_dict().items()
        if key.startswith("trunk.")
    }
    report = load_file(target, saved(bare, "v.pth"))
    assert (report.missing, report.unexpected) == ((), ())
    assert target.trunk.pos_embed.shape == (1, 1 + 4 * 2, 192)
    assert torch.equal(target.trunk.blocks[0].mlp.fc1.bias, source.trunk.blocks[0].mlp.fc1.bias)


def test_where_only_names_differ_no_other_backbone_is_advised():
    state = {f"x{place}": value for place, value in enumerate(resnet().values())}
    message = refused(load_file, network_of(TIMM), saved(state, "a.pth"))
    assert "its tensors have the shapes of this backbone, but other names" in message
    assert "the first is 'x0', where this backbone has 'conv1.weight'" in message
    assert "Choose" not in message


def test_other_shapes_are_another_backbone():
    state = {key: torch.zeros(3, 3) for key in "abc"}
    assert "Choose the backbone" in refused(load_file, network_of(COMPACT), saved(state, "a.pth"))


def plain(text):
    return not any(unicodedata.category(character).startswith("C") for character in text)


def test_messages_hold_no_control_characters():
    bad = "\x1b[31mred\x07\n"
    report = load_file(
        network_of(TIMM), saved(resnet() | {bad: torch.zeros(1)}, f"w{bad}.pth".replace("\n", ""))
    )
    assert report.unexpected == (bad,)
    assert plain(str(report))
    assert "(red\ufffd\ufffd)" in str(report)
    assert plain(refused(load_file, network_of(), saved({bad: torch.zeros(2)}, "a.pth")))
    path = saved({"state_dict": resnet(), "args": argparse.Namespace(lr=1)}, "b.pth")
    message = refused(read_state, path)
    assert "it holds argparse.Namespace beside its tensors, which could run code" in message
    assert plain(message)


@pytest.mark.parametrize("name", ["model.pth.tar", "last.ckpt"])
def test_their_files_can_be_kept_in_the_weights_folder(tmp_path, name):
    torch.save({"state_dict": resnet()}, tmp_path / name)
    assert add(tmp_path / name).name == name

"""Fetching published weights: file handling with a hub handed in, and without network."""

import huggingface_hub
import pytest
import torch
from huggingface_hub.errors import EntryNotFoundError
from safetensors.torch import save_file

from workbench.errors import WeightsError
from workbench.model.weights.download import fetch
from workbench.model.weights.loading import fetch as public_fetch
from workbench.paths import weights_folder


class Hub:
    """Gives the files it has, and remembers what it was asked for."""

    def __init__(self, *files):
        self.files, self.asked = files, []

    def __call__(self, repository, file, folder):
        self.asked.append((repository, file))
        if file not in self.files:
            raise EntryNotFoundError(f"no {file}")
        if file.endswith(".safetensors"):
            save_file({"weight": torch.ones(2)}, folder / file)
        else:
            torch.save({"weight": torch.ones(2)}, folder / file)
        return folder / file


def test_weights_are_kept_under_the_name_asked_for():
    hub = Hub("model.safetensors")
    path = fetch("resnet18", hub)
    assert path == weights_folder() / "resnet18.safetensors"
    assert hub.asked == [("timm/resnet18.a1_in1k", "model.safetensors")]
    assert fetch("resnet18", hub) == path
    assert len(hub.asked) == 1
    assert [found.name for found in weights_folder().iterdir()] == ["resnet18.safetensors"]


def test_where_only_a_pytorch_file_is_published_it_is_taken():
    hub = Hub("pytorch_model.bin")
    assert fetch("resnet18.tv_in1k", hub) == weights_folder() / "resnet18.tv_in1k.pth"
    assert [repository for repository, _ in hub.asked] == ["timm/resnet18.tv_in1k"] * 2


@pytest.mark.parametrize("name", ["nothing", "resnet18.nobody", "../resnet18"])
def test_an_unknown_name_is_refused_without_asking(name):
    hub = Hub()
    with pytest.raises(WeightsError, match="timm publishes no weights of this name"):
        fetch(name, hub)
    assert hub.asked == []


def test_a_torn_download_leaves_nothing():
    def torn(repository, file, folder):
        (folder / file).write_bytes(b"half")
        return folder / file

    with pytest.raises(WeightsError, match="cannot be read as weights"):
        fetch("resnet18", torn)
    assert list(weights_folder().iterdir()) == []


def test_without_network_one_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError) as caught:
        public_fetch("resnet18")
    message = str(caught.value)
    assert "resnet18: its weights could not be downloaded" in message
    assert f"put resnet18.safetensors into {weights_folder()} yourself" in message
    assert list(weights_folder().iterdir()) == []


def test_a_lost_connection_is_not_tried_twice():
    asked = []

    def lost(repository, file, folder):
        asked.append(file)
        raise TimeoutError("the host did not answer")

    with pytest.raises(WeightsError, match="the host did not answer"):
        fetch("resnet18", lost)
    assert asked == ["model.safetensors"]

"""A network, a split on disk, and the vectors of its images."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from workbench.data.samples import Sample, Split
from workbench.errors import DataError, EmptySplit
from workbench.model.build import build_network
from workbench.recipe.settings import model as settings
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.evaluation import Embedding, Evaluation
from workbench.retrieval.embeddings.embed import SplitEmbedder, embed_split
from workbench.training.evaluator import Interrupted

DATA = Data(height=32, width=16)
EVALUATION = Evaluation(batch_size=2)


@pytest.fixture
def split(tmp_path):
    numbers = np.random.default_rng(0)
    for i in range(7):
        pixels = numbers.integers(0, 256, (20, 10, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{i}.png")
    images = [Sample(f"{i}.png", identity=1 + i % 2, camera=1 + i) for i in range(7)]
    return Split("seven", tmp_path, (), query=tuple(images[:3]), gallery=tuple(images[3:]))


@pytest.fixture
def network():
    torch.manual_seed(0)
    model = settings.Model(
        backbone=settings.CompactResNet(width=8), branches={"whole": settings.Branch()}
    )
    return build_network(model, 3, (32, 16))


@pytest.mark.thorough
def test_every_image_gets_its_vector(split, network):
    told = []
    made = embed_split(network, split, DATA, EVALUATION, progress=lambda *state: told.append(state))
    assert told == [("embedding", done, 7) for done in (2, 3, 5, 7)]
    assert (made.query.dtype, len(made.query), len(made.gallery)) == (np.float32, 3, 4)
    assert (made.query_images, made.gallery_images) == (split.query, split.gallery)
    assert made.root == split.root
    assert made.belongs_to == {"query": split.digest("query"), "gallery": split.digest("gallery")}
    whole = embed_split(network, split, DATA, Evaluation(batch_size=7))
    np.testing.assert_allclose(whole.gallery, made.gallery, rtol=1e-4, atol=1e-5)
    assert len(np.unique(made.gallery, axis=0)) == 4


@pytest.mark.thorough
def test_the_protocol_of_the_embedding_is_followed(split, network):
    plain = embed_split(network, split, DATA, EVALUATION)
    mirrored = Evaluation(batch_size=2, embedding=Embedding(flip=True))
    both = embed_split(network, split, DATA, mirrored)
    assert not np.allclose(plain.query, both.query)


def test_the_network_is_left_as_it_was(split, network):
    network.train()
    frozen = next(module for module in network.modules() if isinstance(module, nn.BatchNorm2d))
    frozen.eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    random = torch.get_rng_state()
    embed_split(network, split, DATA, EVALUATION)
    assert network.training
    assert not frozen.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)


@pytest.mark.thorough
def test_bf16_gives_float32_vectors_near_the_others(split, network):
    plain = embed_split(network, split, DATA, EVALUATION)
    rough = embed_split(network, split, DATA, EVALUATION, precision="bf16")
    assert rough.query.dtype == np.float32
    assert 0 < np.abs(plain.query - rough.query).max() < 0.1 * np.abs(plain.query).max()


def test_a_stop_is_looked_at_between_batches(split, network):
    asked = []

    def stop():
        asked.append(None)
        return len(asked) == 2

    done = []
    with pytest.raises(Interrupted):
        embed_split(
            network, split, DATA, EVALUATION, stop=stop, progress=lambda *state: done.append(state)
        )
    assert done == [("embedding", 2, 7)]


@pytest.mark.thorough
def test_one_embedder_serves_several_networks(split, network):
    embedder = SplitEmbedder(split, DATA, EVALUATION)
    first, second = embedder.embed(network), embedder.embed(network)
    np.testing.assert_array_equal(first.gallery, second.gallery)


@pytest.mark.thorough
def test_leave_one_out_embeds_each_image_once(split, network):
    images = split.query + split.gallery
    both = Split("all", split.root, (), query=images, gallery=images, leave_one_out=True)
    told = []
    made = embed_split(network, both, DATA, EVALUATION, progress=lambda *state: told.append(state))
    assert told[-1] == ("embedding", 7, 7)
    assert made.leave_one_out
    assert made.query is made.gallery


@pytest.mark.thorough
def test_a_broken_network_is_named_with_the_image(split, network):
    with torch.no_grad():
        next(network.parameters()).fill_(torch.nan)
    with pytest.raises(DataError, match=r"The network gives 0.png a vector that is not finite"):
        embed_split(network, split, DATA, EVALUATION)


def test_nothing_to_rank_is_said_before_anything_is_embedded(split, network):
    lonely = Split("none", split.root, (), query=split.query, gallery=())
    with pytest.raises(EmptySplit, match="has no gallery images"):
        SplitEmbedder(lonely, DATA, EVALUATION)

"""From pooled vector to logits: order of the layers, how they start, what is frozen."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from workbench.errors import ShapeError
from workbench.model.necks import Head
from workbench.recipe.settings import model as settings


def head_of(neck, classifier=None, channels=6, classes=4):
    torch.manual_seed(0)
    return Head(settings.Branch(neck=neck, classifier=classifier), channels, classes)


def normalised(vectors):
    return (vectors - vectors.mean(0)) / (vectors.var(0, unbiased=False) + 1e-5).sqrt()


def test_layers_come_in_the_order_of_the_recipe():
    neck = settings.Neck(width=3, bias=True, norm=settings.BatchNorm(), activation="leaky_relu")
    head = head_of(neck, settings.Classifier(bias=True))
    pooled = torch.randn(5, 6)
    output = head(pooled)
    reduced = F.leaky_relu(normalised(head.neck.linear(pooled)), 0.1)
    torch.testing.assert_close(output.reduced, reduced)
    torch.testing.assert_close(output.embedding, normalised(reduced))
    torch.testing.assert_close(output.logits, head.classifier(output.embedding))


def test_without_layers_everything_is_the_pooled_vector():
    pooled = torch.randn(5, 6)
    output = head_of(settings.Neck(bnneck=None))(pooled)
    assert output.reduced is output.embedding is pooled
    assert output.logits is None


def test_norm_and_activation_work_without_a_linear_layer():
    pooled = torch.randn(5, 6)
    neck = settings.Neck(norm=settings.BatchNorm(), activation="relu", bnneck=None)
    torch.testing.assert_close(head_of(neck)(pooled).reduced, F.relu(normalised(pooled)))


def test_a_frozen_offset_keeps_its_random_start():
    frozen = settings.BatchNorm(bias="frozen", weight_std=0.1, bias_std=0.1)
    bnneck = head_of(settings.Neck(bnneck=frozen), channels=4000).neck.bnneck
    assert not bnneck.bias.requires_grad
    assert bnneck.weight.requires_grad
    assert bnneck.bias.mean().item() == pytest.approx(0.0, abs=0.01)
    assert bnneck.bias.std().item() == pytest.approx(0.1, rel=0.1)
    assert bnneck.weight.mean().item() == pytest.approx(1.0, abs=0.01)
    assert bnneck.weight.std().item() == pytest.approx(0.1, rel=0.1)
    trained = settings.BatchNorm(bias="trained")
    assert head_of(settings.Neck(bnneck=trained)).neck.bnneck.bias.requires_grad


def test_starting_scales():
    head = head_of(
        settings.Neck(width=200, bias=True), settings.Classifier(bias=True), channels=500
    )
    assert head.neck.linear.weight.std().item() == pytest.approx((2 / 200) ** 0.5, rel=0.05)
    assert head.classifier.weight.std().item() == pytest.approx(0.001, rel=0.1)
    assert not head.neck.linear.bias.any()
    assert not head.classifier.bias.any()


def test_dropout_touches_the_logits_only_and_only_in_training():
    head = head_of(settings.Neck(dropout=0.9), settings.Classifier())
    pooled = torch.randn(64, 6)
    first, second = head(pooled), head(pooled)
    assert torch.equal(first.embedding, second.embedding)
    assert not torch.equal(first.logits, second.logits)
    head.eval()
    assert torch.equal(head(pooled).logits, head(pooled).logits)


def test_a_linear_layer_starts_by_its_outputs_or_its_inputs():
    for start, width in (("fan_out", 200), ("fan_in", 800)):
        neck = settings.Neck(width=200, start=start)
        std = head_of(neck, channels=800).neck.linear.weight.std().item()
        assert std == pytest.approx((2 / width) ** 0.5, rel=0.05)


def test_copies_of_the_backbones_own_layers_train_what_the_recipe_trains():
    torch.manual_seed(0)
    own = {"linear": nn.Linear(6, 6, bias=False), "bnneck": nn.BatchNorm1d(6)}
    nn.init.normal_(own["bnneck"].bias)
    for bias in ("trained", "frozen"):
        neck = settings.Neck(width=6, start="backbone", bnneck=settings.BatchNorm(bias=bias))
        first, second = (Head(settings.Branch(neck=neck), 6, 4, own).neck for _ in range(2))
        assert torch.equal(first.linear.weight, own["linear"].weight)
        assert torch.equal(second.bnneck.bias, own["bnneck"].bias)
        assert first.linear.weight is not second.linear.weight
        assert first.bnneck.bias.requires_grad == (bias == "trained")
        assert first.bnneck.weight.requires_grad
    plain = Head(settings.Branch(neck=settings.Neck(width=6)), 6, 4, own).neck
    assert not torch.equal(plain.linear.weight, own["linear"].weight)


def test_cosine_logits_by_hand():
    head = head_of(settings.Neck(bnneck=None), settings.Classifier(cosine=True), 2, 3)
    with torch.no_grad():
        head.classifier.weight.copy_(torch.tensor([[5.0, 0.0], [0.0, 0.1], [-3.0, -3.0]]))
    logits = head(torch.tensor([[2.0, 0.0], [3.0, 4.0]])).logits
    root = 2**-0.5
    expected = torch.tensor([[1.0, 0.0, -root], [0.6, 0.8, -1.4 * root]])
    torch.testing.assert_close(logits, expected)


def test_dropout_of_the_input_leaves_the_pooled_vector():
    head = head_of(settings.Neck(input_dropout=0.5, bnneck=None))
    pooled = torch.ones(200, 6)
    output = head(pooled)
    assert output.pooled is pooled
    assert sorted(output.embedding.unique().tolist()) == [0.0, 2.0]
    assert torch.equal(head.eval()(pooled).embedding, pooled)


def test_one_image_cannot_be_normalised():
    with pytest.raises(ShapeError, match="one image cannot be normalised"):
        head_of(settings.Neck())(torch.randn(1, 6))
    head_of(settings.Neck()).eval()(torch.randn(1, 6))
    head_of(settings.Neck(bnneck=None))(torch.randn(1, 6))

"""Cross-entropy with smoothed labels: both conventions, by hand."""

import math

import pytest
import torch

from workbench.losses.classification import cross_entropy_smoothed

LOGITS = torch.tensor([[2.0, 0.0, -1.0, 0.5]])
TARGET = torch.tensor([0])


def by_hand(share_of_target, share_of_others):
    total = sum(math.exp(logit) for logit in (2.0, 0.0, -1.0, 0.5))
    losses = [math.log(total) - logit for logit in (2.0, 0.0, -1.0, 0.5)]
    return share_of_target * losses[0] + share_of_others * sum(losses[1:])


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_both_conventions(dtype):
    logits = LOGITS.to(dtype)
    everywhere = cross_entropy_smoothed(logits, TARGET, 0.1, over="all").item()
    others = cross_entropy_smoothed(logits, TARGET, 0.1, over="others").item()
    assert everywhere == pytest.approx(0.504850, abs=1e-6)
    assert others == pytest.approx(0.559016, abs=1e-6)
    assert everywhere == pytest.approx(by_hand(0.9 + 0.1 / 4, 0.1 / 4), abs=1e-6)
    assert others == pytest.approx(by_hand(0.9, 0.1 / 3), abs=1e-6)


def test_without_smoothing_both_are_the_plain_loss():
    for over in ("all", "others"):
        found = cross_entropy_smoothed(LOGITS, TARGET, 0.0, over).item()
        assert found == pytest.approx(by_hand(1.0, 0.0), abs=1e-6)


def test_the_batch_is_averaged():
    both = cross_entropy_smoothed(LOGITS.expand(2, -1), torch.tensor([0, 1]), 0.2, "others")
    single = [
        cross_entropy_smoothed(LOGITS, torch.tensor([label]), 0.2, "others") for label in (0, 1)
    ]
    torch.testing.assert_close(both, sum(single) / 2)


def test_one_class_has_no_loss():
    for over in ("all", "others"):
        loss = cross_entropy_smoothed(torch.tensor([[3.0]]), TARGET, 0.1, over)
        assert loss.item() == 0.0

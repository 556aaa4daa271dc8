"""From a pooled vector to reduced vector, embedding and logits."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from workbench.errors import ShapeError
from workbench.model.outputs import BranchOutput
from workbench.recipe import model as settings

LEAKY_SLOPE = 0.1


class Neck(nn.Module):
    """pooled -> [linear] -> [norm] -> [activation] = reduced -> [bnneck] = embedding.

    Source of the BNNeck: Luo et al. 2019, sec. 3.5 (arXiv 1903.07071).
    """

    def __init__(self, neck: settings.Neck, channels: int) -> None:
        super().__init__()
        self.width = neck.width or channels
        self.activation = neck.activation
        self.linear = _linear(channels, neck.width, neck.bias) if neck.width else None
        self.norm = _batch_norm(self.width, neck.norm) if neck.norm else None
        self.bnneck = _batch_norm(self.width, neck.bnneck) if neck.bnneck else None

    def forward(
        self, pooled: Float[Tensor, "batch channels"]
    ) -> tuple[Float[Tensor, "batch width"], Float[Tensor, "batch width"]]:
        """Reduced vector and embedding.

        Raises ShapeError for a single image in training: its mean would be itself.
        """
        if self.training and pooled.shape[0] == 1 and (self.norm or self.bnneck):
            raise ShapeError(
                "A batch of one image cannot be normalised in training: use a larger batch, or"
                " data.sampler.drop_last = true where the last batch of an epoch is that small."
            )
        reduced = pooled if self.linear is None else self.linear(pooled)
        reduced = reduced if self.norm is None else self.norm(reduced)
        match self.activation:
            case "relu":
                reduced = F.relu(reduced)
            case "leaky_relu":
                reduced = F.leaky_relu(reduced, LEAKY_SLOPE)
        return reduced, reduced if self.bnneck is None else self.bnneck(reduced)


class Head(nn.Module):
    """Neck and classifier of one part."""

    def __init__(self, branch: settings.Branch, channels: int, classes: int) -> None:
        super().__init__()
        self.neck = Neck(branch.neck, channels)
        self.dropout = nn.Dropout(branch.neck.dropout) if branch.neck.dropout else nn.Identity()
        self.classifier = (
            _classifier(branch.classifier, self.neck.width, classes) if branch.classifier else None
        )

    def forward(self, pooled: Float[Tensor, "batch channels"]) -> BranchOutput:
        """All vectors of the part; the classifier reads the embedding after dropout."""
        reduced, embedding = self.neck(pooled)
        logits = None if self.classifier is None else self.classifier(self.dropout(embedding))
        return BranchOutput(pooled, reduced, embedding, logits)


def _linear(channels: int, width: int, bias: bool) -> nn.Linear:
    layer = nn.Linear(channels, width, bias=bias)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out")
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


def _batch_norm(width: int, norm: settings.BatchNorm) -> nn.BatchNorm1d:
    layer = nn.BatchNorm1d(width)
    nn.init.normal_(layer.weight, 1.0, norm.weight_std)
    nn.init.normal_(layer.bias, 0.0, norm.bias_std)
    # Retrieval is cosine: an offset learned for the classifier would move the origin.
    layer.bias.requires_grad_(norm.bias == "trained")
    return layer


def _classifier(classifier: settings.Classifier, width: int, classes: int) -> nn.Linear:
    layer = nn.Linear(width, classes, bias=classifier.bias)
    nn.init.normal_(layer.weight, std=classifier.weight_std)
    if classifier.bias:
        nn.init.zeros_(layer.bias)
    return layer

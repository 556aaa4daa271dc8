"""From a pooled vector to reduced vector, embedding and logits."""

import copy
from collections.abc import Mapping
from dataclasses import replace

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from workbench.errors import ShapeError
from workbench.model.certainty import Certainty
from workbench.model.outputs import BranchOutput
from workbench.recipe.settings import model as settings

LEAKY_SLOPE = 0.1
NOTHING: Mapping[str, nn.Module] = {}


class Neck(nn.Module):
    """pooled -> [linear] -> [norm] -> [activation] = reduced -> [bnneck] = embedding.

    Source of the BNNeck: Luo et al. 2019, sec. 3.5 (arXiv 1903.07071).

    Args:
        neck: its layers. With ``start = backbone`` those in ``own`` are copies of the layers there.
        channels: of the pooled vector.
        own: layers of the backbone by the name that they have here.
    """

    def __init__(
        self, neck: settings.Neck, channels: int, own: Mapping[str, nn.Module] = NOTHING
    ) -> None:
        super().__init__()
        self.width = neck.width or channels
        self.activation = neck.activation
        self.input_dropout = _dropout(neck.input_dropout)
        self.linear = _linear(channels, neck.width, neck) if neck.width else None
        self.norm = _batch_norm(self.width, neck.norm) if neck.norm else None
        self.bnneck = _batch_norm(self.width, neck.bnneck) if neck.bnneck else None
        if neck.start == "backbone":
            for name, layer in own.items():
                setattr(self, name, _copied(layer, self.get_submodule(name)))

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
        reduced = self.input_dropout(pooled)
        reduced = reduced if self.linear is None else self.linear(reduced)
        reduced = reduced if self.norm is None else self.norm(reduced)
        match self.activation:
            case "relu":
                reduced = F.relu(reduced)
            case "leaky_relu":
                reduced = F.leaky_relu(reduced, LEAKY_SLOPE)
        return reduced, reduced if self.bnneck is None else self.bnneck(reduced)


class Head(nn.Module):
    """Neck and classifier of one part; see ``Neck`` for ``own``."""

    def __init__(
        self,
        branch: settings.Branch,
        channels: int,
        classes: int,
        own: Mapping[str, nn.Module] = NOTHING,
    ) -> None:
        super().__init__()
        self.neck = Neck(branch.neck, channels, own)
        self.dropout = _dropout(branch.neck.dropout)
        self.losses_after_dropout = branch.neck.losses_after_dropout
        self.classifier = (
            _classifier(branch.classifier, self.neck.width, classes) if branch.classifier else None
        )
        self.certainty = Certainty(branch.certainty) if branch.certainty else None

    def forward(self, pooled: Float[Tensor, "batch channels"]) -> BranchOutput:
        """All vectors of the part; the classifier reads the embedding after dropout."""
        reduced, embedding = self.neck(pooled)
        dropped = self.dropout(embedding)
        logits = None if self.classifier is None else self.classifier(dropped)
        read = dropped if self.losses_after_dropout else embedding
        output = BranchOutput(pooled, reduced, read, logits)
        if self.certainty is None:
            return output
        shift = self.certainty(getattr(output, self.certainty.reads))
        return replace(output, certainty=shift)


class CosineClassifier(nn.Linear):
    """Cosines between an embedding and the vector of each class.

    Source: Wang et al. 2018, NormFace (arXiv 1704.06369), sec. 3.
    """

    def forward(self, input: Float[Tensor, "batch width"]) -> Float[Tensor, "batch classes"]:
        """Values from -1 to 1."""
        return F.linear(F.normalize(input, dim=1), F.normalize(self.weight, dim=1))


def _dropout(share: float) -> nn.Module:
    return nn.Dropout(share) if share else nn.Identity()


def _linear(channels: int, width: int, neck: settings.Neck) -> nn.Linear:
    layer = nn.Linear(channels, width, bias=neck.bias)
    mode = "fan_in" if neck.start == "fan_in" else "fan_out"
    nn.init.kaiming_normal_(layer.weight, mode=mode)
    if neck.bias:
        nn.init.zeros_(layer.bias)
    return layer


def _copied(layer: nn.Module, place: nn.Module) -> nn.Module:
    """A copy of ``layer`` that trains what the layer at its ``place`` would train."""
    copied = copy.deepcopy(layer)
    for name, parameter in copied.named_parameters():
        parameter.requires_grad_(place.get_parameter(name).requires_grad)
    return copied


def _batch_norm(width: int, norm: settings.BatchNorm) -> nn.BatchNorm1d:
    layer = nn.BatchNorm1d(width)
    nn.init.normal_(layer.weight, 1.0, norm.weight_std)
    nn.init.normal_(layer.bias, 0.0, norm.bias_std)
    # Retrieval is cosine: an offset learned for the classifier would move the origin.
    layer.bias.requires_grad_(norm.bias == "trained")
    return layer


def _classifier(classifier: settings.Classifier, width: int, classes: int) -> nn.Linear:
    kind = CosineClassifier if classifier.cosine else nn.Linear
    layer = kind(width, classes, bias=classifier.bias)
    if classifier.start == "uniform":
        bound = width**-0.5
        nn.init.uniform_(layer.weight, -bound, bound)
    else:
        nn.init.normal_(layer.weight, std=classifier.weight_std)
    if classifier.bias:
        nn.init.zeros_(layer.bias)
    return layer

"""Class activation maps with a pair's similarity in place of a class, by the grad-cam package.

Slow to import, so a module of its own. Maps are those of the upright image at its own size, cut at
zero and scaled to 0 ... 1: they tell where, not how much.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Float32
from pytorch_grad_cam import EigenCAM, GradCAM, GradCAMPlusPlus, HiResCAM, LayerCAM
from pytorch_grad_cam.base_cam import BaseCAM
from torch import Tensor, nn

from workbench.errors import WeightsError
from workbench.explain.cams.activation_sum import ActivationSum, stage_before_last
from workbench.explain.methods import CamMethod
from workbench.model.embedding import embed
from workbench.model.feature_layout import ChannelsFirst, TokensToMap
from workbench.model.network import PartNetwork
from workbench.recipe.settings.evaluation import Embedding

KINDS: dict[CamMethod, type[BaseCAM]] = {
    "gradcam": GradCAM,
    "gradcam++": GradCAMPlusPlus,
    "hirescam": HiResCAM,
    "layercam": LayerCAM,
    "eigencam": EigenCAM,
    "activation_sum": ActivationSum,
}
Images = Float[Tensor, "batch 3 height width"]


class PartVectors(nn.Module):
    """A network whose output is the vector of one part, or of all that the embedding joins."""

    def __init__(self, network: PartNetwork, embedding: Embedding) -> None:
        super().__init__()
        self.network = network
        self.embedding = embedding

    def forward(self, images: Images) -> Float[Tensor, "batch dim"]:
        """Vectors of the upright images at their own size."""
        return embed(self.network, images, self.embedding)


class Similarity:
    """A target for the grad-cam package: cosine to a reference vector, the own length held fixed.

    Were the length free, a cosine would not change when the whole vector grows, so its gradient
    would speak for as much as it speaks against, whatever the pair.
    """

    def __init__(self, reference: Float[Tensor, "dim"]) -> None:
        self.reference = F.normalize(reference, dim=0)

    def __call__(self, output: Float[Tensor, "*batch dim"]) -> Float[Tensor, ""]:
        """The output's cosine to the reference, summed where there are several."""
        length = output.detach().norm(dim=-1, keepdim=True).clamp(min=1e-12)
        return (output / length * self.reference).sum()


def similarity_maps(
    network: PartNetwork,
    pair: Float[Tensor, "2 3 height width"],
    embedding: Embedding,
    method: CamMethod,
    part: str | None = None,
    layer: str | None = None,
) -> Float32[np.ndarray, "2 height width"]:
    """Where each image of a pair is what makes the two similar, at the images' size, 0 to 1.

    Args:
        network: in evaluation mode; its parameters and hooks are left as they were.
        pair: two normalised images; each is the other's reference.
        embedding: which vectors are compared; copies are left out.
        method: which member of the family. EigenCAM does not look at the pair: it shows the first
            principal component of the map. Nor does the activation sum, which looks at no part.
        part: an output's name; None: all that the embedding joins.
        layer: a module by dotted name, e.g. ``trunk.blocks.10``; its tokens are laid out as the
            network's own. None: the map that the part's branch divides; for the activation sum the
            map that the last stage reads, where one module gives it.

    Raises WeightsError where there is no such layer.
    """
    upright = embedding.model_copy(
        update={"flip": False, "scales": [1.0]} | ({"branches": [part]} if part else {})
    )
    model = PartVectors(network, upright)
    inner = _named(network, layer) if layer else None
    if inner is None and method == "activation_sum":
        inner, part = stage_before_last(network, pair), None
    layers = _last_maps(network, part) if inner is None else [inner]
    with torch.inference_mode(False), torch.enable_grad(), _frozen(network):
        images = pair.clone().requires_grad_()
        vectors = model(images).detach()
        targets = [Similarity(vectors[1]), Similarity(vectors[0])]
        cam = KINDS[method](
            model, layers, reshape_transform=None if inner is None else _layout(network)
        )
        try:
            maps = cam(images, targets)  # pyright: ignore[reportArgumentType]
        finally:
            # The package's own context manager would swallow an IndexError.
            cam.activations_and_grads.release()
    return np.asarray(maps, dtype=np.float32)


def _last_maps(network: PartNetwork, part: str | None) -> list[nn.Module]:
    """The tails whose maps the part, or any part, reads: what they give is a map in any network."""
    tails = {
        int(branch.tail)  # pyright: ignore[reportArgumentType]
        for name, branch in network.branches.items()
        if part is None or part in branch.output_names(name)  # pyright: ignore[reportCallIssue]
    }
    return [network.tails[tail] for tail in sorted(tails)]


def _named(network: PartNetwork, layer: str) -> nn.Module:
    try:
        return network.get_submodule(layer)
    except AttributeError as error:
        raise WeightsError(
            f"The network has no layer '{layer}': use a module's dotted name, such as"
            " trunk.stage3 or tails.0."
        ) from error


def _layout(network: PartNetwork) -> Callable[[Tensor], Tensor]:
    """Tokens, and maps with channels last, as the network lays them out itself."""
    kinds = {TokensToMap: 3, ChannelsFirst: 4}
    own = {kinds[type(module)]: module for module in network.modules() if type(module) in kinds}

    def to_map(activation: Tensor) -> Tensor:
        return own[activation.ndim](activation) if activation.ndim in own else activation

    return to_map


@contextmanager
def _frozen(network: nn.Module) -> Iterator[None]:
    """Without gradients of parameters: they would stay behind and cost as much as the network."""
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    for parameter in trained:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trained:
            parameter.requires_grad_(True)

"""The sum of a map's channels as a heatmap: where a network is active at all, whatever it finds.

Slow to import, as the grad-cam package is.
"""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from pytorch_grad_cam.base_cam import BaseCAM
from torch import Tensor, nn

from workbench.model.network import PartNetwork
from workbench.model.surgery import Stages

Map = Float[np.ndarray, "batch channels rows columns"]


class ActivationSum(BaseCAM):
    """heat[r, c] = sum over channels k of map[k, r, c].

    It looks at each image alone, at no pair and at no gradient.

    Source: visual_heatmap.py of github.com/layumi/Person_reID_baseline_pytorch, which names Zheng
    et al. 2018, A Discriminatively Learned CNN Embedding for Person Reidentification (TOMM 14).
    """

    def __init__(
        self,
        model: nn.Module,
        target_layers: list[nn.Module],
        reshape_transform: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__(model, target_layers, reshape_transform, uses_gradients=False)

    def get_cam_image(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        input_tensor: Tensor,
        target_layer: nn.Module,
        targets: object,
        activations: Map,
        grads: Map | None,
        eigen_smooth: bool = False,
    ) -> Float[np.ndarray, "batch rows columns"]:
        """The sum of the channels of one layer's map; all but that map is ignored."""
        return activations.sum(axis=1)


def stage_before_last(
    network: PartNetwork, images: Float[Tensor, "batch 3 height width"]
) -> nn.Module | None:
    """What gives the map that the last stage reads; None where no single module gives one.

    Where tails follow the trunk they are the last stage, and what they read is the trunk's map.
    ``images`` are looked at once to see what comes of them.
    """
    stage = _named(network.trunk)
    if stage is None:
        return None
    given: list[bool] = []
    handle = stage.register_forward_hook(lambda *seen: given.append(isinstance(seen[2], Tensor)))
    try:
        with torch.no_grad():
            network.feature_maps(images)
    finally:
        handle.remove()
    # The stages of an HRNet give several maps at once.
    return stage if given == [True] else None


def _named(trunk: nn.Module) -> nn.Module | None:
    if isinstance(trunk, Stages):
        return trunk
    stages = getattr(trunk, "feature_info", ())
    if len(stages) > 1:
        return trunk.get_submodule(stages[-2]["module"])
    parts = list(trunk.children()) if isinstance(trunk, nn.Sequential) else []
    return parts[-2] if len(parts) > 1 else None

"""Where parts look for themselves: the masks a network has learned."""

import numpy as np
from jaxtyping import Float

from workbench.errors import WeightsError
from workbench.model.network import Branch, PartNetwork


def learned_masks(network: PartNetwork) -> dict[str, Float[np.ndarray, "rows columns"]]:
    """The mask of every channel group by the name of its output; any sign and size.

    Raises WeightsError where no branch of the network has learned masks.
    """
    found: dict[str, Float[np.ndarray, "rows columns"]] = {}
    for name, branch in network.branches.items():
        masks = branch.regions.learned_masks if isinstance(branch, Branch) else None
        if isinstance(branch, Branch) and masks is not None:
            arrays = masks.detach().cpu().double().numpy()
            found |= dict(zip(branch.output_names(name), arrays, strict=True))
    if not found:
        raise WeightsError(
            "This network has no learned masks: only branches with regions of kind channel_groups"
            " have them, as in playground/channels."
        )
    return found

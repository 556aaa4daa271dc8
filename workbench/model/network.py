"""image -> trunk -> tails -> regions -> pool -> neck -> embedding -> classifier, per branch."""

from collections.abc import Mapping
from typing import Protocol, cast

from jaxtyping import Float
from torch import Tensor, nn

from workbench.model.full_precision import full_precision
from workbench.model.necks import Head
from workbench.model.outputs import BranchOutput
from workbench.model.pooling import Pool
from workbench.model.regions import Block, Division

Images = Float[Tensor, "batch 3 height width"]
NO_COPIES: Mapping[str, str] = {}
FeatureMap = Float[Tensor, "batch channels rows columns"]


class Trunk(Protocol):
    """A network up to its feature map: timm's networks, stages of one, or our own."""

    def forward_features(self, images: Tensor, /) -> Tensor:
        """From images to what the tails read."""
        ...


class Branch(nn.Module):
    """One named branch: regions of a tail's map, their pool, and a head for each part."""

    def __init__(self, tail: int, regions: Division, pool: Pool, heads: list[Head]) -> None:
        super().__init__()
        self.tail = tail
        self.regions = regions
        self.pool = pool
        self.heads = nn.ModuleList(heads)

    def forward(self, feature_map: FeatureMap) -> list[BranchOutput]:
        """One output per part, in order."""
        pooled = self.pooled(self.regions(feature_map))
        # Heads are small and normalise: they stay in float32 where the rest runs in half precision.
        with full_precision(feature_map.device):
            return [head(part) for head, part in zip(self.heads, pooled, strict=True)]

    def pooled(self, blocks: list[Block]) -> list[Float[Tensor, "batch channels"]]:
        """The vector of each part, in order, from the blocks of its regions."""
        vectors: list[Tensor] = []
        for block in blocks:
            vectors += self.pool(block, len(vectors)).unbind(2)
        return vectors

    def output_names(self, name: str) -> list[str]:
        """Names of the outputs of this branch if it is called ``name``."""
        if self.regions.is_whole:
            return [name]
        return [f"{name}_{part}" for part in range(self.regions.count)]


class PartNetwork(nn.Module):
    """A network composed of a trunk, its tails and named branches.

    Parameters are named ``trunk.*``, ``tails.<k>.*`` and
    ``branches.<name>.{regions,pool,heads.<part>.{neck,classifier}}.*``; below trunk and tails they
    keep the names of the backbone they come from. ``left_out`` names those children of the backbone
    that are not part of this network: its pooling and its classifier. ``copies`` names, by the
    prefix of their entries here, those layers that are copies of children of the backbone.
    """

    def __init__(
        self,
        trunk: nn.Module,
        tails: list[nn.Module],
        branches: Mapping[str, Branch],
        left_out: tuple[str, ...] = (),
        copies: Mapping[str, str] = NO_COPIES,
    ) -> None:
        super().__init__()
        self.left_out = left_out
        self.copies = dict(copies)
        self.trunk = trunk
        self.tails = nn.ModuleList(tails)
        self.branches = nn.ModuleDict(dict(branches))

    def forward(self, images: Images) -> dict[str, BranchOutput]:
        """Every output by name, in branch order; the same names in training and evaluation."""
        maps = self._tail_maps(images)
        outputs: dict[str, BranchOutput] = {}
        for name, branch in self._branches():
            parts = branch(maps[branch.tail])
            outputs.update(zip(branch.output_names(name), parts, strict=True))
        return outputs

    def feature_maps(self, images: Images) -> dict[str, FeatureMap]:
        """The map that each branch divides into regions, by the name of the branch."""
        maps = self._tail_maps(images)
        return {name: maps[branch.tail] for name, branch in self._branches()}

    def _tail_maps(self, images: Images) -> list[FeatureMap]:
        shared = cast(Trunk, self.trunk).forward_features(images)
        return [tail(shared) for tail in self.tails]

    def _branches(self) -> list[tuple[str, Branch]]:
        return [(name, cast(Branch, branch)) for name, branch in self.branches.items()]

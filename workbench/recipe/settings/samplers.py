"""Sampler settings: how training images are drawn into batches."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from workbench.recipe.settings.base import Group, OneOf, Problem, setting
from workbench.registry import Registry


class SamplerSettings(Group):
    """What every sampler has in common."""

    kind: Any
    repeats_identities: ClassVar[bool] = False
    """Whether a batch holds several images of an identity."""

    @property
    def batch_images(self) -> int:
        """Images in a whole batch."""
        raise NotImplementedError

    @property
    def batch_identities(self) -> int:
        """Identities that a batch needs; 0 where any will do."""
        return 0

    @property
    def counts_identities(self) -> bool:
        """Whether the length of an epoch depends on how many images each identity has."""
        return False

    def problems(self, path: str, identities: int | None) -> Iterator[Problem]:
        """What is impossible about its settings.

        Args:
            path: where it stands in the recipe.
            identities: that are trained on; None where only the data set tells.
        """
        yield from ()


SAMPLERS: Registry[SamplerSettings] = Registry("sampler")
"""Their implementations are classes of ``workbench.data.samplers.Sampler``."""


@SAMPLERS.settings("workbench.data.samplers")
class Shuffle(SamplerSettings):
    """Every image once an epoch, in random order."""

    kind: Literal["shuffle"] = "shuffle"
    batch_size: Annotated[
        int,
        setting(
            "Images in a batch.",
            important=True,
            ge=1,
            le=4096,
        ),
    ] = 32
    drop_last: Annotated[bool, setting("Leave out the last, incomplete batch of an epoch.")] = True

    @property
    def batch_images(self) -> int:
        """As set."""
        return self.batch_size


@SAMPLERS.settings("workbench.data.samplers")
class IdentityBatches(SamplerSettings):
    """P identities with K images each (P x K).

    Source: Hermans et al. 2017, sec. 2 (arXiv 1703.07737).

    An identity with fewer than K images repeats some.
    """

    repeats_identities = True
    kind: Literal["identity_batches"] = "identity_batches"
    identities: Annotated[
        int, setting("P: identities in a batch.", important=True, ge=2, le=1024)
    ] = 16
    images: Annotated[
        int, setting("K: images of each identity in a batch.", important=True, ge=2, le=64)
    ] = 4
    epoch: Annotated[
        Literal["identities", "images", "groups", "groups_of_images"],
        setting(
            "What an epoch is. identities: every identity once; images: every identity as often as"
            " fills about as many batches as there are images; groups: each identity's images cut"
            " into groups of K, of which batches draw, identities with more groups left more often;"
            " groups_of_images: the same, as many batches as all images fill."
        ),
    ] = "identities"
    other_cameras: Annotated[
        bool,
        setting(
            "K - 1 of an identity's images come from other cameras than the first, where it has"
            " such."
        ),
    ] = False
    first_group: Annotated[
        str | None,
        setting(
            "The first of an identity's K images is its first of this group of pictures, such as"
            " satellite, the others come from other groups; empty: any."
        ),
    ] = None

    @property
    def batch_images(self) -> int:
        """P x K."""
        return self.identities * self.images

    @property
    def batch_identities(self) -> int:
        """P."""
        return self.identities

    @property
    def counts_identities(self) -> bool:
        """Where an epoch is all groups of K images of an identity."""
        return self.epoch == "groups"

    @property
    def in_groups(self) -> bool:
        """Whether batches draw from groups that each identity's images were cut into."""
        return self.epoch in ("groups", "groups_of_images")

    def problems(self, path: str, identities: int | None) -> Iterator[Problem]:
        """Rules that exclude each other, and more identities than there are."""
        if self.other_cameras and self.first_group is not None:
            yield Problem(
                f"{path}.other_cameras",
                "first_group decides already which images an identity shows",
                "Set other_cameras = false, or leave first_group empty.",
                "true",
            )
        if self.in_groups and (self.other_cameras or self.first_group is not None):
            yield Problem(
                f"{path}.epoch",
                "cuts all images of an identity into groups, whatever their camera",
                "Set other_cameras = false and leave first_group empty, or use identities or"
                " images.",
                self.epoch,
            )
        if identities is not None and self.identities > identities:
            yield Problem(
                f"{path}.identities",
                f"the playground has {identities} training identities",
                "Use at most as many, or raise data.dataset.train_identities.",
                str(self.identities),
            )


Sampler = Annotated[SamplerSettings, OneOf(SAMPLERS)]

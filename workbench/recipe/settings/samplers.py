"""Sampler settings: how training images are drawn into batches."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.settings.base import Group, setting


class Shuffle(Group):
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


class IdentityBatches(Group):
    """P identities with K images each (P x K).

    Source: Hermans et al. 2017, sec. 2 (arXiv 1703.07737).

    An identity with fewer than K images repeats some.
    """

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
    def in_groups(self) -> bool:
        """Whether batches draw from groups that each identity's images were cut into."""
        return self.epoch in ("groups", "groups_of_images")


Sampler = Annotated[Shuffle | IdentityBatches, Field(discriminator="kind")]

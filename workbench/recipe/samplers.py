"""Sampler settings: how training images are drawn into batches."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.base import Group, setting


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

    An epoch visits every identity once; an identity with fewer than K images repeats some.
    """

    kind: Literal["identity_batches"] = "identity_batches"
    identities: Annotated[
        int, setting("P: identities in a batch.", important=True, ge=2, le=1024)
    ] = 16
    images: Annotated[
        int, setting("K: images of each identity in a batch.", important=True, ge=2, le=64)
    ] = 4
    epoch: Annotated[
        Literal["identities", "images"],
        setting(
            "What an epoch is: every identity once, or about as many batches as the images fill."
        ),
    ] = "identities"


Sampler = Annotated[Shuffle | IdentityBatches, Field(discriminator="kind")]

"""Training a run beyond the length it began with."""

from typing import Annotated

from workbench.recipe.settings.base import Group, setting


class Extension(Group):
    """What `workbench resume RUN --until` adds to the recipe of a run."""

    after: Annotated[
        int,
        setting(
            "Optimizer steps of the training before it was extended: schedule and averaging are"
            " counted in them.",
            ge=1,
            le=10_000_000,
        ),
    ] = 1
    hold: Annotated[
        bool,
        setting(
            "Hold the learning rate of the last of these steps; off: the schedule spans the new"
            " length."
        ),
    ] = True

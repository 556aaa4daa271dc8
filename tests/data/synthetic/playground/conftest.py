"""A small playground: few people, small pictures."""

import pytest

from workbench.data.synthetic.playground.plan import make_plan
from workbench.recipe.settings.data import Playground


@pytest.fixture
def settings():
    return Playground(
        train_identities=6, test_identities=4, image_height=32, look_alikes=0.5, seed=3
    )


@pytest.fixture(scope="session")
def plan():
    """The plan of the usual settings."""
    return make_plan(Playground())

"""What no single data setting can see: transforms and samplers that exclude themselves."""

from workbench.recipe.settings.base import Problem
from workbench.recipe.settings.data import Data, Playground


def data_problems(data: Data) -> list[Problem]:
    """Everything that is impossible about data settings."""
    problems: list[Problem] = []
    erasing = data.transforms.erasing
    if erasing.min_area > erasing.max_area:
        problems.append(
            Problem(
                "data.transforms.erasing.min_area",
                f"larger than max_area = {erasing.max_area}",
                "Exchange them.",
                str(erasing.min_area),
            )
        )
    identities = None
    if isinstance(data.dataset, Playground) and data.root is None:
        identities = data.dataset.train_identities
    return [*problems, *data.sampler.problems("data.sampler", identities)]

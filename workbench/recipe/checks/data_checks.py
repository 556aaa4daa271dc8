"""What no single data setting can see: transforms and samplers that exclude themselves.

Every problem is a sentence that opens with the dotted path it blames.
"""

from workbench.recipe.settings.data import Data, Playground
from workbench.recipe.settings.samplers import IdentityBatches


def data_problems(data: Data) -> list[str]:
    """Everything that is impossible about data settings."""
    problems: list[str] = []
    erasing, sampler = data.transforms.erasing, data.sampler
    if erasing.min_area > erasing.max_area:
        problems.append(
            f"data.transforms.erasing.min_area = {erasing.min_area}: larger than max_area ="
            f" {erasing.max_area}. Exchange them."
        )
    if isinstance(sampler, IdentityBatches):
        problems += _identity_problems(sampler)
        if (
            isinstance(data.dataset, Playground)
            and sampler.identities > data.dataset.train_identities
            and data.root is None
        ):
            problems.append(
                f"data.sampler.identities = {sampler.identities}: the playground has"
                f" {data.dataset.train_identities} training identities. Use at most as many, or"
                " raise data.dataset.train_identities."
            )
    return problems


def _identity_problems(sampler: IdentityBatches) -> list[str]:
    problems: list[str] = []
    if sampler.other_cameras and sampler.first_group is not None:
        problems.append(
            "data.sampler.other_cameras = true: first_group decides already which images an"
            " identity shows. Set other_cameras = false, or leave first_group empty."
        )
    chosen = sampler.other_cameras or sampler.first_group is not None
    if sampler.in_groups and chosen:
        problems.append(
            f"data.sampler.epoch = {sampler.epoch}: cuts all images of an identity into groups,"
            " whatever their camera. Set other_cameras = false and leave first_group empty, or use"
            " identities or images."
        )
    return problems

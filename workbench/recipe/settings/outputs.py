"""Names of a network's outputs, and how losses and the embedding select among them."""

from fnmatch import fnmatchcase

from workbench.recipe.settings.model import Branch, Model


def outputs_of(name: str, branch: Branch) -> list[str]:
    """Names of a branch's outputs: its own for a whole, ``name_0``, ``name_1``, ... for parts."""
    regions = branch.regions
    if regions.is_whole:
        return [name]
    return [f"{name}_{part}" for part in range(regions.parts)]


def output_names(model: Model) -> list[str]:
    """Names of all outputs in branch order; losses and the embedding select among them."""
    return [
        output for name, branch in model.branches.items() for output in outputs_of(name, branch)
    ]


def select(patterns: list[str], names: list[str]) -> list[str]:
    """Those ``names`` that match any of the shell patterns, in their own order."""
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]

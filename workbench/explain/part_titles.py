"""What people call the parts of a network. No torch."""

from workbench.recipe.settings.model import Model
from workbench.recipe.settings.outputs import outputs_of

WHOLE = "all"
"""Name of the map that adds up all parts."""


def part_titles(model: Model) -> dict[str, str]:
    """What to call every output, and all of them together, by name.

    A branch with one part is called by its own name, ``whole_1`` is "whole 1"; ``stripes_1`` of
    four is "stripes 2 of 4".
    """
    titles = {WHOLE: "all parts together"}
    for name, branch in model.branches.items():
        outputs, called = outputs_of(name, branch), name.replace("_", " ")
        for number, output in enumerate(outputs, 1):
            titles[output] = called if len(outputs) == 1 else f"{called} {number} of {len(outputs)}"
    return titles

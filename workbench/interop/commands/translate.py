"""Any command line of the systems known here, as trainings of ours."""

from collections.abc import Callable

from workbench.errors import RecipeError
from workbench.interop.commands import layumi, mgn, msvit, nama, rpm
from workbench.interop.commands.shell import Invocation, invocations
from workbench.interop.commands.translation import Translation
from workbench.recipe.refusals import listed, shown

Reader = Callable[[Invocation], list[Translation]]
TRAINING = "train.py"
SYSTEMS = ("RPM", "MSViT-ReID", "the layumi baseline", "NAMA", "MGN")


def translate(text: str) -> list[Translation]:
    """The trainings that a pasted command line stands for, in order. Nothing of it is run.

        >>> translate("python train.py --net msvit_s --dataset sop")[0].preset
        'msvit/sop_s'

    Raises RecipeError for a program, flag or value that is not known or not built here.
    """
    return [one for invocation in invocations(text) for one in _reader(invocation)(invocation)]


def _reader(invocation: Invocation) -> Reader:
    if invocation.program == "train_net.py":
        return mgn.train
    if invocation.program == TRAINING:
        if any(word.startswith("--config_file") for word in invocation.arguments):
            return nama.train
        net = _value(invocation, "--net")
        if net.startswith("msvit"):
            return msvit.train
        if net.startswith("regnet") or _value(invocation, "--decoder"):
            return rpm.train
        if not net:
            return layumi.train
    raise RecipeError(
        f"{shown(invocation.script)}: is no training program of"
        f" {listed(SYSTEMS)}. Paste the whole"
        " command as its authors print it."
    )


def _value(invocation: Invocation, name: str) -> str:
    """What follows a flag; an empty string where it is not given."""
    words = invocation.arguments
    for place, word in enumerate(words):
        if word == name:
            return words[place + 1] if place + 1 < len(words) else ""
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return ""

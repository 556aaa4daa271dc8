"""Any command line of the systems known here, as trainings and commands of ours."""

from collections.abc import Callable

from workbench.errors import RecipeError
from workbench.interop.commands import fastreid, layumi, layumi_results, mgn, msvit, rpm, strong
from workbench.interop.commands.translation import Translation
from workbench.interop.shell.statements import Invocation, invocations
from workbench.recipe.refusals import listed, shown

Reader = Callable[[Invocation], list[Translation]]
SYSTEMS = (
    *("RPM", "MSViT-ReID", "the layumi baseline", "the strong baseline", "NAMA", "MGN"),
    "FastReID",
)
PROGRAMS: dict[str, Reader] = {
    "train_net.py": fastreid.train,
    **dict.fromkeys(mgn.SCRIPTS, mgn.script),
    "vis_market1501.py": rpm.masks,
    "test_MSMT.py": layumi_results.test,
    "evaluate.py": layumi_results.evaluate,
    "evaluate_gpu.py": layumi_results.evaluate,
    "evaluate_rerank.py": layumi_results.evaluate_re_ranked,
    "demo.py": layumi_results.demo,
    "visual_heatmap.py": layumi_results.heatmap,
    **dict.fromkeys(layumi_results.PREPARATIONS, layumi_results.prepare),
    **dict.fromkeys(layumi_results.NOT_BUILT, layumi_results.refuse),
}
"""Programs that only one system has; ``train.py`` and ``test.py`` are of several."""


def translate(text: str) -> list[Translation]:
    """What a pasted command line stands for, in order. Nothing of it is run.

    A configuration file that it names is read; a published one need not be there.

        >>> translate("python train.py --net msvit_s --dataset sop")[0].preset
        'msvit/sop_s'

    Raises RecipeError for a program, flag, key or value that is not known or not built here.
    """
    return [
        translation
        for invocation in invocations(text)
        for translation in _reader(invocation)(invocation)
    ]


def _reader(invocation: Invocation) -> Reader:
    program = invocation.program
    reader = PROGRAMS.get(program)
    if reader is None and (program == "train.py" or program.startswith("test")):
        reader = _of_several(invocation)
    if reader is None:
        raise RecipeError(
            f"{shown(invocation.script)}: is no program of {listed(SYSTEMS)}. Paste the whole"
            " command as its authors print it."
        )
    return reader


def _of_several(invocation: Invocation) -> Reader | None:
    """Who reads ``train.py``, ``test.py`` and ``test_<data set>.py``, by the flags behind them."""
    trains = invocation.program == "train.py"
    if any(
        argument.startswith(("--config_file", "--config-file")) for argument in invocation.arguments
    ):
        return strong.reader(invocation)
    net = _value(invocation, "--net")
    if net.startswith("msvit"):
        return msvit.train if trains else msvit.test
    if net.startswith("regnet") or _value(invocation, "--decoder"):
        return rpm.train if trains else rpm.test
    if trains:
        return None if net else layumi.train
    return layumi_results.test if invocation.program == "test.py" else None


def _value(invocation: Invocation, name: str) -> str:
    """What follows a flag; an empty string where it is not given."""
    arguments = invocation.arguments
    for index, argument in enumerate(arguments):
        if argument == name:
            return arguments[index + 1] if index + 1 < len(arguments) else ""
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return ""

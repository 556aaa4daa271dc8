"""The whole vocabulary: one frozen recipe, the only place that knows names, defaults and help."""

from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.recipe.base import Group, Name, setting
from workbench.recipe.data import Data, IdentityBatches
from workbench.recipe.evaluation import Evaluation
from workbench.recipe.losses import BatchHardTriplet, CrossEntropy, Loss
from workbench.recipe.model import Branch, Model, Whole
from workbench.recipe.training import Training

TOP_GROUPS = (
    "title",
    "source",
    "reported",
    "data",
    "model",
    "losses",
    "training",
    "evaluation",
    "run",
)


class Source(Group):
    """Where a recipe comes from."""

    paper: Annotated[str, setting("Title, authors, year.")] = ""
    url: Annotated[str, setting("Address of the paper.")] = ""
    repository: Annotated[str, setting("Address of the authors' code.")] = ""
    licence: Annotated[str, setting("Licence of the authors' code.")] = ""
    bibtex: Annotated[str, setting("Citation.")] = ""
    note: Annotated[str, setting("What a reader should know.")] = ""


class Reported(Group):
    """One figure as printed by somebody else, with its protocol."""

    metric: Annotated[str, setting("Name of the figure, e.g. mAP.")]
    value: Annotated[float, setting("Fraction, as printed.", ge=0.0, le=1.0)]
    protocol: Annotated[str, setting("How it was counted.")] = ""
    source: Annotated[str, setting("Where it is printed.")] = ""


class Run(Group):
    """Where and under which name; not part of what the recipe is."""

    name: Annotated[
        str, setting("Name of the run; empty: from the preset.", important=True, max_length=80)
    ] = ""
    note: Annotated[str, setting("Your own note.", max_length=4000)] = ""
    devices: Annotated[
        list[Annotated[str, Field(pattern=r"^(auto|cpu|cuda:\d+)$")]],
        setting("auto, cpu, or cuda:0, cuda:1, ...", important=True, min_length=1, max_length=16),
    ] = ["auto"]
    processes: Annotated[int, setting("Processes that train together.", ge=1, le=1)] = 1
    threads: Annotated[
        Literal["auto"] | Annotated[int, Field(ge=1, le=256)],
        setting("Threads on the processor; auto: at most two, measured at the start."),
    ] = "auto"


class Recipe(Group):
    """Everything that defines a training, and nothing else."""

    title: Annotated[str, setting("One line that says what this is.")] = ""
    source: Annotated[Source, setting("Where it comes from.")] = Source()
    reported: Annotated[list[Reported], setting("Figures printed by its authors.")] = []
    data: Annotated[Data, setting("Images, augmentation, sampling.")] = Data()
    model: Annotated[Model, setting("The network.")] = Model()
    losses: Annotated[dict[Name, Loss], setting("Named loss terms.", min_length=1)] = {
        "identity": CrossEntropy()
    }
    training: Annotated[Training, setting("How it learns.")] = Training()
    evaluation: Annotated[Evaluation, setting("Protocol of ranking and figures.")] = Evaluation()
    run: Annotated[Run, setting("Where it runs.")] = Run()

    @model_validator(mode="after")
    def _combinations(self) -> "Recipe":
        """Refuse what no single field can see. Messages open with the path they blame."""
        problems = [*_tail_problems(self), *_loss_problems(self), *_embedding_problems(self)]
        if problems:
            raise ValueError("\n".join(problems))
        return self


def outputs_of(name: str, branch: Branch) -> list[str]:
    """Names of a branch's outputs: its own for a whole, ``name_0``, ``name_1``, ... for parts."""
    regions = branch.regions
    return (
        [name]
        if isinstance(regions, Whole)
        else [f"{name}_{part}" for part in range(regions.count)]
    )


def output_names(model: Model) -> list[str]:
    """Names of all outputs in branch order; losses and the embedding select among them."""
    return [
        output for name, branch in model.branches.items() for output in outputs_of(name, branch)
    ]


def select(patterns: list[str], names: list[str]) -> list[str]:
    """Those ``names`` that match any of the shell patterns, in their own order."""
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]


def _tail_problems(recipe: Recipe) -> list[str]:
    backbone, names = recipe.model.backbone, output_names(recipe.model)
    tails = len(backbone.tail_strides)
    problems: list[str] = []
    if tails > 1 and backbone.split is None:
        problems.append(
            f"model.backbone.tail_strides = {backbone.tail_strides}: {tails} tails need a"
            " split point. Set model.backbone.split, or give one stride."
        )
    problems += [
        f"model.branches.{name}.tail = {branch.tail}: the backbone has {tails} tail(s), counted"
        f" from 0. Use 0 to {tails - 1}, or add an entry to model.backbone.tail_strides."
        for name, branch in recipe.model.branches.items()
        if branch.tail >= tails
    ]
    problems += [
        f"model.branches: two branches make an output named '{name}'. Rename one of them."
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    return problems


def _loss_problems(recipe: Recipe) -> list[str]:
    names = output_names(recipe.model)
    problems: list[str] = []
    classified = [
        output
        for name, branch in recipe.model.branches.items()
        if branch.classifier is not None
        for output in outputs_of(name, branch)
    ]
    for key, loss in recipe.losses.items():
        chosen = select(loss.branches, names)
        if not chosen:
            problems.append(
                f"losses.{key}.branches = {loss.branches}: no output matches. Outputs are"
                f" {', '.join(names)}."
            )
        if isinstance(loss, CrossEntropy) and (bare := set(chosen) - set(classified)):
            problems.append(
                f"losses.{key}.branches: {', '.join(sorted(bare))} has no classifier. Give"
                " the branch one, or leave it out."
            )
        if isinstance(loss, BatchHardTriplet) and not isinstance(
            recipe.data.sampler, IdentityBatches
        ):
            problems.append(
                f"losses.{key}.kind = {loss.kind}: needs several images of an identity in a batch."
                " Set data.sampler.kind = identity_batches."
            )
    return problems


def _embedding_problems(recipe: Recipe) -> list[str]:
    names, patterns = output_names(recipe.model), recipe.evaluation.embedding.branches
    if select(patterns, names):
        return []
    return [
        f"evaluation.embedding.branches = {patterns}: no output matches. Outputs are"
        f" {', '.join(names)}."
    ]

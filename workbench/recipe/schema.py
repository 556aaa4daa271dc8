"""The whole vocabulary: one frozen recipe, the only place that knows names, defaults and help."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.recipe.checks.combinations import problems_of
from workbench.recipe.settings.backbones import BACKBONES
from workbench.recipe.settings.base import GROUPS, Group, ImpossibleSettings, Name, setting
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.datasets import DATASETS
from workbench.recipe.settings.evaluation import Evaluation
from workbench.recipe.settings.losses import LOSSES, CrossEntropy, Loss
from workbench.recipe.settings.model import Model
from workbench.recipe.settings.outputs import output_names as output_names
from workbench.recipe.settings.outputs import outputs_of as outputs_of
from workbench.recipe.settings.outputs import select as select
from workbench.recipe.settings.pools import POOLS
from workbench.recipe.settings.regions import REGIONS
from workbench.recipe.settings.samplers import SAMPLERS
from workbench.recipe.settings.schedules import SCHEDULES
from workbench.recipe.settings.training import Training
from workbench.recipe.shapes import forget_shapes

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
    part: Annotated[
        str,
        setting(
            "Which ranking, where the protocol has several: satellite_to_drone, multi_query,"
            " re_ranked."
        ),
    ] = ""


class Run(Group):
    """Where and under which name; not part of what the recipe is."""

    name: Annotated[
        str, setting("Name of the run; empty: from the preset.", important=True, max_length=80)
    ] = ""
    note: Annotated[str, setting("Your own note.", max_length=4000)] = ""
    devices: Annotated[
        list[Annotated[str, Field(pattern=r"^(auto|cpu|cuda:\d+)$")]],
        setting(
            "One device: auto, cpu, cuda:0, cuda:1, ...",
            important=True,
            min_length=1,
            max_length=16,
        ),
    ] = ["auto"]
    processes: Annotated[int, setting("Processes that train together.", ge=1, le=1)] = 1
    threads: Annotated[
        Literal["auto", "cores"] | Annotated[int, Field(ge=1, le=256)],
        setting(
            "Threads on the processor; cores: one a core, at most four; auto: at most two, measured"
            " at the start."
        ),
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
        """Refuse what no single field can see."""
        if problems := problems_of(self.data, self.model, self.losses, self.evaluation):
            raise ImpossibleSettings(problems)
        return self


def _rebuild() -> None:
    """Take up a kind that was registered after the schema was built."""
    for group in GROUPS:
        group.model_rebuild(force=True)
    forget_shapes()


for _registry in (BACKBONES, DATASETS, LOSSES, POOLS, REGIONS, SAMPLERS, SCHEDULES):
    _registry.on_change(_rebuild)

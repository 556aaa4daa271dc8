"""From a run's folder to everything its training needs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from workbench.data.catalogue.splits import read_split
from workbench.data.loaders import TrainLoader
from workbench.data.samples import Split, require_usable
from workbench.errors import DamagedCheckpoint
from workbench.experiment.computing import device_of, kept_choice, measured_choice
from workbench.experiment.networks import new_network, new_objective, start_from
from workbench.experiment.provenance import changed_data, changed_setup, digests, setup_of
from workbench.experiment.recorder import Recorder
from workbench.experiment.run_evaluator import SplitEvaluator
from workbench.experiment.snapshots import drop_snapshots_after
from workbench.recipe.compare import digest
from workbench.recipe.schema import Recipe
from workbench.runs import checkpoints
from workbench.runs.environment import environment, write_environment
from workbench.runs.folder import RunFolder
from workbench.training.evaluator import Interrupted
from workbench.training.events import Resumed, Started, ThreadsChosen, Warned
from workbench.training.learner import Learner
from workbench.training.precision import Choice
from workbench.training.state import TrainingState
from workbench.training.step_schedule import StepSchedule

MustStop = Callable[[], bool]


@dataclass(frozen=True)
class Prepared:
    """What the loop is called with."""

    learner: Learner
    loader: TrainLoader
    evaluator: SplitEvaluator


@contextmanager
def prepare(run: RunFolder, recorder: Recorder, must_stop: MustStop) -> Iterator[Prepared]:
    """Read data, build the network, decide number format and threads, go back to a checkpoint.

    Says ``resumed`` where the run has a past, and ``started``. Raises Interrupted where a stop is
    asked for meanwhile, and a WorkbenchError for everything a user can cause.
    """

    def progress(stage: str, done: int, total: int) -> None:
        if must_stop():
            raise Interrupted
        recorder.progress(stage, done, total)

    recipe, status, state = run.recipe(), run.status(), _last_state(run, recorder)
    _say_past(run, recorder, state)
    device = device_of(status)
    torch.set_num_threads(status.threads or 1)
    recorder.status(stage="reading the data")
    split = read_split(recipe.data, progress=progress)
    require_usable(split, drop_same_camera=recipe.evaluation.drop_same_camera)
    network = new_network(recipe, split.identities)
    objective = new_objective(recipe, network, split.identities)
    if state is None and (report := start_from(network, recipe, run)) and not report.clean:
        recorder.say(Warned(step=0, message=str(report)))
    recorder.status(stage="choosing number format and threads")
    choice = kept_choice(status, state) or measured_choice(
        recipe, device, network, objective, split.identities
    )
    torch.set_num_threads(choice.threads)
    decided = {name: getattr(choice, name) for name in ("precision", "threads", "measured")}
    recorder.status(**decided, stage="loading images")
    seed = recipe.training.seed
    with TrainLoader(split, recipe.data, seed, device=device, progress=progress) as loader:
        step_schedule = StepSchedule(recipe.training, loader.steps_per_epoch)
        setup = setup_of(split, choice, step_schedule)
        learner = Learner(
            network,
            objective,
            recipe.training,
            step_schedule,
            device=device,
            precision=choice.precision,
            setup=setup,
        )
        if state is not None:
            learner.restore(state)
            recorder.warn(changed_setup(state.setup, setup), step=state.step)
        _say_start(run, recorder, recipe, split, learner, choice)
        evaluator = SplitEvaluator(run, recipe, split, learner, recorder, must_stop)
        yield Prepared(learner, loader, evaluator)


def _last_state(run: RunFolder, recorder: Recorder) -> TrainingState | None:
    """The state of the last checkpoint, or of the newest that is whole where that is damaged.

    Damaged ones are said and put aside, so that they are nobody's last one. Raises RunError where
    none is whole, or one cannot be read for want of memory or rights.
    """
    last = checkpoints.last_name(run)
    names = sorted(checkpoints.names(run), key=lambda name: name == last)
    damaged: dict[str, DamagedCheckpoint] = {}
    while names:
        name = names.pop()
        try:
            state = _state(run.checkpoints / name)
        except DamagedCheckpoint as error:
            damaged[name] = error
            continue
        for other, error in damaged.items():
            checkpoints.put_aside(run, other)
            recorder.warn([f"{error} The run goes on from {name} instead."], step=state.step)
        return state
    if damaged:
        raise next(iter(damaged.values()))
    return None


def _state(folder: Path) -> TrainingState:
    if file := checkpoints.damage(folder):
        raise DamagedCheckpoint(f"Checkpoint {folder.name} is damaged: {file} is not as written.")
    return TrainingState.load(folder)


def _say_past(run: RunFolder, recorder: Recorder, state: TrainingState | None) -> None:
    """Say where a run with a past goes on; readers drop what lies beyond."""
    if not run.events_file.exists() or not run.events_file.stat().st_size:
        return
    step = 0 if state is None else state.step
    whence = "there is no checkpoint yet" if state is None else f"from checkpoint {step}"
    drop_snapshots_after(run, step)
    recorder.say(Resumed(step=step, message=f"Goes on after step {step}: {whence}."))
    recorder.status(step=step)


def _say_start(
    run: RunFolder,
    recorder: Recorder,
    recipe: Recipe,
    split: Split,
    learner: Learner,
    choice: Choice,
) -> None:
    step, devices = learner.step, list(run.status().devices)
    recorder.say(ThreadsChosen(step=step, message=choice.reason))
    if run.environment_file.exists():
        recorder.warn(changed_data(run, split), step=step)
    elif recorder.writes:
        recorder.warn((*split.notes, *split.levels.notes), step=step)
        write_environment(
            run,
            environment(
                run,
                devices=devices,
                threads=choice.threads,
                precision=choice.precision,
                seed=recipe.training.seed,
                digests=digests(split),
            ),
        )
    recorder.say(
        Started(
            step=step,
            recipe=digest(recipe),
            devices=devices,
            threads=choice.threads,
            precision=choice.precision,
            total=learner.step_schedule.total,
            steps_per_epoch=learner.step_schedule.steps_per_epoch,
            train_images=len(split.train),
            train_identities=split.identities,
        )
    )

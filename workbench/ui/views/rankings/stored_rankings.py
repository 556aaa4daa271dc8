"""Which embeddings a run has, and their rankings, opened once and kept while they are looked at."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from workbench.errors import EmptySplit, RunError
from workbench.recipe.settings.evaluation import Evaluation
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.rankings import Rankings
from workbench.runs.checkpoints import best_name, last_name, names
from workbench.runs.folder import RunFolder
from workbench.ui.background import in_background

Kind = Literal["averaged", "raw"]
KINDS: tuple[Kind, ...] = ("averaged", "raw")
CHOSEN_ON_TEST = "chosen by mAP on the test queries"
_KEPT_OPEN = 6


@dataclass(frozen=True)
class Weights:
    """Weights of a run that can be ranked with, or could be once they are embedded."""

    checkpoint: str
    kind: Kind
    ready: bool
    best: bool = False

    @property
    def key(self) -> str:
        """Name in links and addresses, and of the folder of embeddings."""
        return f"{self.checkpoint}-{self.kind}"

    @property
    def label(self) -> str:
        """What people read: ``averaged weights, step 400``, and whether it was chosen as best."""
        chosen = f" (best: {CHOSEN_ON_TEST})" if self.best else ""
        return f"{self.kind} weights, step {int(self.checkpoint.removeprefix('step_'))}{chosen}"


def weights_of(run: RunFolder) -> list[Weights]:
    """All weights of a run, the latest checkpoint first, averaged before raw."""
    ready, best = _ready(run), _chosen(run)
    found = {key for key in ready if key.rpartition("-")[2] in KINDS}
    for checkpoint in names(run):
        folder = run.checkpoints / checkpoint
        found |= {f"{checkpoint}-{kind}" for kind in KINDS if _stored(folder, kind)}
    made = [
        Weights(checkpoint, kind, f"{checkpoint}-{kind}" in ready, checkpoint == best)
        for checkpoint in sorted({key.rpartition("-")[0] for key in found}, reverse=True)
        for kind in KINDS
        if f"{checkpoint}-{kind}" in found
    ]
    return made


def choose(run: RunFolder, wanted: str = "") -> Weights:
    """The weights meant by ``wanted``: a key, ``averaged``, ``raw``, or nothing for any of them.

    Those of the last checkpoint come first, embedded ones before others; a run that still trains
    shows what is embedded. Where a run keeps no average its raw weights are taken. Raises RunError
    where the run has no such weights.
    """
    last = None if run.status().alive else last_name(run)
    weights = sorted(
        weights_of(run), key=lambda one: (last not in (None, one.checkpoint), not one.ready)
    )
    if wanted in KINDS and all(one.kind != wanted for one in weights):
        wanted = ""
    for one in weights:
        if wanted in ("", one.kind, one.key):
            return one
    known = ", ".join(one.key for one in weights)
    if not known:
        raise RunError(
            f"Run {run.id} has nothing to rank yet: it has no checkpoint. Wait for the first one."
        )
    raise RunError(f"Run {run.id} has no weights '{wanted}'. Use one of {known}.")


@dataclass
class Opened:
    """Rankings that several requests share; they remember the latest list, so one at a time.

    ``prepared`` is their figures being counted in the background.
    """

    rankings: Rankings
    guard: threading.Lock = field(default_factory=threading.Lock)
    prepared: "Future[None] | None" = None

    def prepare(self) -> None:
        """Count the figures, and with them all that lists need. EmptySplit is told elsewhere."""
        with self.guard, suppress(EmptySplit):
            _ = self.rankings.report


_opened: "OrderedDict[tuple[Path, int, str], Opened]" = OrderedDict()
_opened_guard = threading.Lock()


@contextmanager
def opened(
    run: RunFolder, weights: Weights, protocol: Evaluation | None = None
) -> Iterator[Rankings]:
    """The rankings of embedded weights, under the run's own protocol unless another is given.

    Raises RunError where they are not embedded yet.
    """
    found = _open(run, weights, protocol or run.recipe().evaluation)
    with found.guard:
        yield found.rankings


def prepared(run: RunFolder, weights: Weights, protocol: Evaluation) -> "Future[None]":
    """Rankings whose figures are counted in the background, begun where they are not yet.

    Raises RunError where the weights are not embedded yet.
    """
    found = _open(run, weights, protocol)
    with _opened_guard:
        answer = found.prepared or in_background(found.prepare)
        # A failure is told once; whoever asks again has it tried again.
        found.prepared = None if answer.done() and answer.exception() else answer
        return answer


def _open(run: RunFolder, weights: Weights, evaluation: Evaluation) -> Opened:
    if not weights.ready:
        raise RunError(
            f"The {weights.label} of run {run.id} are not embedded yet: its queries and gallery"
            " have to go through the network once."
        )
    folder = run.embeddings_named(weights.key)
    key = (folder, _age(folder), evaluation.model_dump_json())
    with _opened_guard:
        found = _opened.pop(key, None) or Opened(Rankings(Embeddings.load(folder), evaluation))
        _opened[key] = found
        while len(_opened) > _KEPT_OPEN:
            _opened.popitem(last=False)
    return found


def _age(folder: Path) -> int:
    try:
        return (folder / "images.json").stat().st_mtime_ns
    except OSError:
        return 0


def _ready(run: RunFolder) -> set[str]:
    names: set[str] = set()
    for folder in {run.embeddings, run.new_embeddings}:
        with suppress(FileNotFoundError):
            names |= {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    return names


def _chosen(run: RunFolder) -> str | None:
    """The best checkpoint, where it is another than the last."""
    best = best_name(run)
    return None if best == last_name(run) else best


def _stored(folder: Path, kind: Kind) -> bool:
    return (folder / f"{kind}.safetensors").exists()

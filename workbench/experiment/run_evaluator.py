"""Figures of a network during its training, and the snapshots that go with them."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from torch import nn

from workbench.data.samples import Progress, Split
from workbench.errors import RunError
from workbench.experiment.protocol_metrics import plain
from workbench.experiment.recorder import Recorder
from workbench.experiment.snapshots import write_snapshot
from workbench.experiment.validation import Validation
from workbench.recipe.schema import Recipe
from workbench.retrieval.embeddings.embed import SplitEmbedder
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.protocol import protocol_report
from workbench.retrieval.rankings import Rankings
from workbench.runs.folder import RunFolder
from workbench.training.collapse import spread_of
from workbench.training.evaluator import Interrupted
from workbench.training.learner import Learner


class SplitEvaluator:
    """Embeds the queries and the gallery of a split and counts figures by the recipe's protocol.

    The embeddings of the latest evaluation are kept, so that those of the end can be saved.
    """

    def __init__(
        self,
        run: RunFolder,
        recipe: Recipe,
        split: Split,
        learner: Learner,
        recorder: Recorder,
        must_stop: Callable[[], bool],
    ) -> None:
        self._run, self._recipe, self._split = run, recipe, split
        evaluation = recipe.evaluation
        self._embedder = SplitEmbedder(split, recipe.data, evaluation, learner.device)
        self._learner, self._recorder, self._must_stop = learner, recorder, must_stop
        self._precision = str(learner.setup["precision"])
        self._latest: dict[str, Embeddings] = {}

    def figures(self, network: nn.Module, weights: str, step: int) -> dict[str, float]:
        """Figures of the protocol by name, as fractions; a snapshot is written of the raw weights.

        Raises Interrupted where a stop is asked for, RunFailed when memory runs out.
        """
        embeddings = self._embed(network, weights, step)
        rankings = Rankings(embeddings, plain(self._recipe.evaluation))
        report = protocol_report(rankings, self._split.identities, self._progress(weights, step))
        self._latest[weights] = embeddings
        if weights == "raw" and self._recorder.writes:
            self._snapshot(step, rankings)
        if weights == "raw" and step > 0:
            self._look_at_spread(embeddings, step)
        return report.metrics(every_draw=False)

    def validation(self, network: nn.Module) -> dict[str, float] | None:
        """Loss and top-1 error on the split's validation images, where it has any."""
        if self._validation is None:
            return None
        return self._validation.look(network.eval(), self._must_stop)

    def save_embeddings(self, checkpoint: str) -> None:
        """Keep the latest embeddings as those of ``checkpoint``, so that rankings open at once."""
        for weights, embeddings in self._latest.items():
            try:
                embeddings.save(self._run.embeddings / f"{checkpoint}-{weights}")
            except RunError as error:
                self._recorder.warn([str(error)], step=self._learner.step)

    @cached_property
    def _validation(self) -> Validation | None:
        if not self._split.validation:
            return None
        return Validation(self._split, self._recipe, self._learner.device, self._precision)

    def _embed(self, network: nn.Module, weights: str, step: int) -> Embeddings:
        progress = self._progress(weights, step)
        return self._embedder.embed(network, self._precision, progress, self._must_stop)

    def _progress(self, weights: str, step: int) -> Progress:
        def progress(stage: str, done: int, total: int) -> None:
            if self._must_stop():
                raise Interrupted
            self._recorder.progress(f"{stage} ({weights} weights)", done, total, step=step)

        return progress

    def _look_at_spread(self, embeddings: Embeddings, step: int) -> None:
        learner, spread = self._learner, spread_of(np.asarray(embeddings.query))
        if collapsed := learner.watch.look_at_spread(spread, step, learner.loop_state):
            self._recorder.say(collapsed)

    def _snapshot(self, step: int, rankings: Rankings) -> None:
        try:
            write_snapshot(self._run, step, rankings)
        except OSError as error:
            message = (
                f"The snapshot of step {step} could not be written: {error.strerror or error}."
            )
            self._recorder.warn([message], step=step)

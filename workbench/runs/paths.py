"""Where everything of a run lies. Standard library only: a waiting worker needs no more."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunPaths:
    """The files of one run, found from its folder alone."""

    path: Path

    @property
    def id(self) -> str:
        """The run's id: the name of its folder."""
        return self.path.name

    @property
    def recipe_file(self) -> Path:
        """The frozen recipe."""
        return self.path / "recipe.yaml"

    @property
    def overrides_file(self) -> Path:
        """The preset, and what was changed in it."""
        return self.path / "overrides.yaml"

    @property
    def environment_file(self) -> Path:
        """Versions, machine, command and digests of the data."""
        return self.path / "environment.json"

    @property
    def status_file(self) -> Path:
        """What the worker says about itself."""
        return self.path / "status.json"

    @property
    def labels_file(self) -> Path:
        """Name, note and tags, written by people."""
        return self.path / "labels.yaml"

    @property
    def events_file(self) -> Path:
        """What happened, one JSON object per line."""
        return self.path / "events.jsonl"

    @property
    def log_file(self) -> Path:
        """What the worker printed."""
        return self.path / "output.log"

    @property
    def lock_file(self) -> Path:
        """Held as long as the worker lives."""
        return self.path / "worker.lock"

    @property
    def control(self) -> Path:
        """Requests to the worker."""
        return self.path / "control"

    @property
    def checkpoints(self) -> Path:
        """States to go on from, and weights to evaluate."""
        return self.path / "checkpoints"

    @property
    def snapshots(self) -> Path:
        """Ranked lists and embeddings at every evaluation."""
        return self.path / "snapshots"

    @property
    def embeddings(self) -> Path:
        """Embeddings of the queries and the gallery."""
        return self.path / "embeddings"

    @property
    def cache(self) -> Path:
        """What can be computed again."""
        return self.path / "cache"

    @property
    def locks(self) -> Path:
        """Locks and tickets shared by all runs of the same runs folder."""
        return self.path.parent / ".locks"

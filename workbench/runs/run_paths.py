"""Where everything of a run lies. Standard library only: a waiting worker needs no more."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import PlaceError


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
        """What can be computed again; of a run that can only be read, in a folder of the user."""
        return writable(self.path / "cache", self.path)

    @property
    def new_embeddings(self) -> Path:
        """Where embeddings that are made later go: beside the others, if that can be written."""
        return writable(self.embeddings, self.path)

    def embeddings_named(self, name: str) -> Path:
        """Where the embeddings of weights lie, or would be written."""
        stored = self.embeddings / name
        return stored if stored.is_dir() else self.new_embeddings / name

    @property
    def locks(self) -> Path:
        """Locks and tickets shared by all runs of the same runs folder."""
        return self.path.parent / ".locks"


def writable(folder: Path, run: Path) -> Path:
    """``folder`` where it can be written or made, else one of this user's for the same run.

    It lies with the system's temporary files, closed to other users. Raises PlaceError where
    somebody else has taken its name.
    """
    existing = folder if folder.is_dir() else run
    if not run.is_dir() or os.access(existing, os.W_OK | os.X_OK):
        return folder
    home = Path(tempfile.gettempdir()) / f"workbench-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    about = home.lstat()
    if home.is_symlink() or about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise PlaceError(f"{home} is not this user's alone: remove it, or set TMPDIR.")
    mine = home / hashlib.sha256(os.fsencode(run.absolute())).hexdigest()[:16] / folder.name
    mine.mkdir(parents=True, exist_ok=True)
    return mine

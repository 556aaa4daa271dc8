"""Every error a user can cause, in one tree.

WorkbenchError
├── RecipeError            a preset, field, value or combination is wrong (carries ``path``)
├── DataError              a data set cannot be used as it is
│   ├── MissingDataset     it is not where it was looked for
│   ├── EmptySplit         nothing to train on, or nothing to rank
│   └── BrokenImage        one file cannot be read as an image
├── ShapeError             arrays or feature maps do not fit together
├── WeightsError           weights are missing, unreadable, or of another network
├── RunError               a run cannot do what was asked
│   ├── RunNotFound        no run has this id, name or prefix
│   ├── DamagedCheckpoint  a checkpoint's files are missing or not what they were
│   └── RunFailed          training ended with a reason the user can act on
└── PlaceError             a folder, port or address cannot be used

A face (page, shell, notebook) shows ``str(error)`` of these and nothing else. Any other exception
is a bug and shows its traceback.
"""


def reason_of(error: BaseException) -> str:
    """Why a file could not be read or written, as the end of a sentence: one line, no point."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = str(error).splitlines() or [""]
    told = lines[0].rstrip(". ")
    return told if isinstance(error, WorkbenchError) and told else f"{type(error).__name__}: {told}"


class WorkbenchError(Exception):
    """A sentence for the user: what is wrong, where, what is allowed, what to do."""


class RecipeError(WorkbenchError):
    """A preset, field, value or combination is wrong.

    ``path`` is the dotted path of the field, or an empty string where no single field is to blame.
    """

    def __init__(
        self, message: str, path: str = "", others: "tuple[RecipeError, ...]" = ()
    ) -> None:
        """Keep the path beside the sentence, and further refusals found in the same pass."""
        super().__init__(message)
        self.path = path
        self.others = others

    def by_path(self) -> dict[str, str]:
        """All refusals of one validation, keyed by dotted path."""
        return {error.path: str(error) for error in (self, *self.others)}


class DataError(WorkbenchError):
    """A data set cannot be used as it is."""


class MissingDataset(DataError):
    """The data set is not where it was looked for; says where, and how to get or make one."""


class EmptySplit(DataError):
    """A split has nothing to train on, or nothing that could be ranked."""


class BrokenImage(DataError):
    """One file cannot be read as an image; names the file."""


class ShapeError(WorkbenchError):
    """Arrays or feature maps do not fit together."""


class WeightsError(WorkbenchError):
    """Weights are missing, unreadable, or belong to another network."""


class RunError(WorkbenchError):
    """A run cannot do what was asked of it."""


class RunNotFound(RunError):
    """No run has this id, name or prefix."""


class DamagedCheckpoint(RunError):
    """A checkpoint's files are missing or not what they were; an earlier one may be whole."""


class RunFailed(RunError):
    """Training ended with a reason the user can act on."""


class PlaceError(WorkbenchError):
    """A folder, port or address cannot be used."""

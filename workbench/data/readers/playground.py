"""The playground as it lies on disk: Market-1501's layout, with part masks beside it."""

from pathlib import Path

from workbench.data.readers import flat
from workbench.data.samples import Split


def read(root: Path) -> Split:
    """The split of a drawn playground.

    Raises MissingDataset where the folder does not hold one.
    """
    return flat.read(flat.PLAYGROUND, root)

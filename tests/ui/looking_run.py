"""A run with grid attention and a learned certainty, trained for a moment in this process."""

from tests.experiment.tiny import overrides
from tests.ui.tiny_run import train

GRID = {
    "kind": "grid_transformer",
    "widths": [16, 16, 16, 16],
    "depths": [2, 2, 2, 1],
    "heads": [2, 2, 2],
    "grid": [2, 1],
    "kept_keys": 0.5,
    "head_width": 16,
}


def trained(folder, runs=None):
    """A finished run on 16 x 32 images: maps of 8 x 4, 4 x 2 and 2 x 1 tokens."""
    changes = overrides(
        folder / "people",
        model__backbone=GRID,
        model__branches__whole__certainty={"reads": "embedding"},
        training__length__count=2,
    )
    del changes["model.backbone.width"]
    return train("playground/quick", changes | {"run.name": "looking"}, folder, runs)

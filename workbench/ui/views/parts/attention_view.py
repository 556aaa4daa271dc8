"""What a token listens to, as faces show it: plain JSON objects with the words."""

from typing import Any

from workbench.data.images.image_file import ImageFile
from workbench.errors import WeightsError
from workbench.explain.attention import (
    BlockAttention,
    Place,
    attends,
    in_words,
    require_place,
)
from workbench.paths import confined
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.folder import RunFolder
from workbench.ui.views.parts.parts_tasks import waiting_in_words, with_torch
from workbench.ui.views.rankings import ranking_view
from workbench.ui.views.rankings.ranking_view import Source
from workbench.ui.views.rankings.re_ranking import OFF, protocol_of
from workbench.ui.views.rankings.stored_rankings import Weights, choose, opened

ASKING = "Asking the network what this token listens to."


def attention_of(
    run: RunFolder, wanted: str, source: Source, index: int, place: Place
) -> dict[str, Any]:
    """What the token at a place of an image listens to in every block, or ``working``.

    Raises WeightsError where the network has no attention, DataError where there is no such image
    or place, RunError where run or weights are gone, BrokenImage where an image is.
    """
    if not attends(run.recipe().model):
        raise WeightsError(
            f"The network of run {run.id} has no attention to look into: only a backbone of kind"
            " grid_transformer has it."
        )
    require_place(place)
    weights = choose(run, wanted)
    with opened(run, weights, protocol_of(run, OFF)) as rankings:
        image = rankings.image_of(ranking_view.number_of(rankings, source, index))
        stored = rankings.embeddings
        file = ImageFile(confined(stored.root, image.path), stored.levels)
    # Said here, where it is one sentence at once, and not after torch was loaded.
    checkpoint_folder(run, weights.checkpoint)
    key = (run.path, weights.key, "attention", str(file.path), place)
    found = with_torch(key, lambda: _compute(run, weights, file, place))
    if found is None:
        return {"working": True, "words": waiting_in_words(ASKING)}
    blocks = [block.numbers() | {"words": in_words(block)} for block in found]
    return {"working": False, "source": source, "index": index, "blocks": blocks}


def _compute(
    run: RunFolder, weights: Weights, file: ImageFile, place: Place
) -> list[BlockAttention]:
    from workbench.inspection.run_attention import attention_at

    return attention_at(run, file.path, place, weights.kind, weights.checkpoint, levels=file.levels)

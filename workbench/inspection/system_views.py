"""What a network shows of an image in its own terms: learned masks, keys that were kept, certainty.

A network without any of them has none: evidence of its parts is all there is to see.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from workbench.data.images.depth import Levels
from workbench.data.images.image_file import ALONE, open_image
from workbench.data.images.tensors import open_evaluated
from workbench.data.transforms import evaluation_batch
from workbench.experiment.run_rankings import available_weights
from workbench.explain.attention import attends
from workbench.explain.part_titles import part_titles
from workbench.explain.pictures.contact_sheet import Tile
from workbench.explain.pictures.overlay import overlay
from workbench.explain.pictures.token_overlay import keys_picture
from workbench.inspection.explained_pairs import Masks
from workbench.inspection.explaining import masks_of, network_for
from workbench.inspection.norm_measurement import read_by_certainty
from workbench.inspection.run_attention import attention_at
from workbench.inspection.run_norms import learned_certainty
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.folder import RunFolder

MASK_OPACITY = 0.6
"""Masks are light over large parts of an image, which has to be seen through them."""
MASKS = (
    "Where each group of channels looks, as learned: light much, dark little. Every mask has a "
    "scale of its own and is the same for all images."
)
_KEYS = (
    "keys: what the ringed token in the middle of the image hears, all heads together, in the last"
    " block that divides its map into groups: outlined its group, filled the keys that were kept,"
    " the lighter the more."
)
_CERTAINTY = (
    "length: of the vector that the learned certainty reads; shift: of the margin, which it makes"
    " of the length."
)
_MIDDLE = (0.5, 0.5)


class OwnTerms:
    """The own terms of one checkpoint's network, image by image."""

    def __init__(
        self,
        run: RunFolder,
        weights: str = "averaged",
        checkpoint: str | None = None,
        levels: Levels = ALONE,
    ) -> None:
        """``levels`` are those of the images. Raises RunError where run or checkpoint is gone."""
        self._levels = levels
        self._run, self._weights, self._checkpoint = run, weights, checkpoint
        self._recipe = run.recipe()
        self._titles = part_titles(self._recipe.model)
        self._masks = self._learned_masks()

    @property
    def notes(self) -> list[str]:
        """Sentences on how to read them."""
        told = {
            MASKS: bool(self._masks),
            _KEYS: attends(self._recipe.model),
            _CERTAINTY: learned_certainty(self._recipe),
        }
        return [note for note, there in told.items() if there]

    def tiles(self, file: Path) -> list[Tile]:
        """Every learned mask over the image, and the keys of its middle token.

        Raises BrokenImage where the file cannot be read.
        """
        image = open_image(file, self._levels)
        tiles = [
            Tile(overlay(image, mask, MASK_OPACITY), f"mask of {self._titles[name]}")
            for name, mask in self._masks.items()
        ]
        if attends(self._recipe.model):
            blocks = attention_at(
                self._run, file, _MIDDLE, self._weights, self._checkpoint, self._levels
            )
            # Of a small image the last maps are one group, in which everything hears everything.
            block = ([block for block in blocks if block.strides != (1, 1)] or blocks)[-1]
            size = (f"{block.rows} x {block.columns}, {block.kept} kept",)
            tiles.append(Tile(keys_picture(image, block), f"keys, block {block.number}", size))
        return tiles

    def numbers(self, file: Path) -> dict[str, Any]:
        """``length`` and ``shift`` of an image where certainty is learned; nothing else.

        Raises BrokenImage where the file cannot be read.
        """
        if not learned_certainty(self._recipe):
            return {}
        network, recipe = network_for(self._run, self._weights, self._checkpoint)
        # A copy: torch wants memory that it could write to.
        opened = open_evaluated(file, recipe.data, self._levels)
        pixels = torch.from_numpy(np.array(opened[None]))
        images = evaluation_batch(pixels, recipe.data.transforms.normalise)
        with torch.inference_mode(False), torch.no_grad():
            length, shift = read_by_certainty(network, images)[0].tolist()
        return {"length": length, "shift": shift}

    def _learned_masks(self) -> Masks:
        branches = self._recipe.model.branches.values()
        if not any(branch.regions.learns_masks for branch in branches):
            return {}
        stored = checkpoint_folder(self._run, self._checkpoint or "last")
        return masks_of(self._run, stored.name, available_weights(stored, self._weights))

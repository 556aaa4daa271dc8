"""Backbone settings: the feature extractor, where it is split, and the strides of its tails."""

from typing import Annotated

from workbench.recipe.settings.backbones.base import BACKBONES as BACKBONES
from workbench.recipe.settings.backbones.base import BackboneSettings as BackboneSettings
from workbench.recipe.settings.backbones.from_timm import NonLocal as NonLocal
from workbench.recipe.settings.backbones.from_timm import TimmBackbone as TimmBackbone
from workbench.recipe.settings.backbones.own import CompactResNet as CompactResNet
from workbench.recipe.settings.backbones.own import GridTransformer as GridTransformer
from workbench.recipe.settings.backbones.own import GroupedRegNet as GroupedRegNet
from workbench.recipe.settings.base import OneOf

Backbone = Annotated[BackboneSettings, OneOf(BACKBONES)]

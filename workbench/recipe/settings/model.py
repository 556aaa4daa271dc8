"""Model settings: trunk, tails, and one branch per name with regions, pool and neck."""

from typing import Annotated

from workbench.recipe.settings.backbones import Backbone as Backbone
from workbench.recipe.settings.backbones import CompactResNet as CompactResNet
from workbench.recipe.settings.backbones import GridTransformer as GridTransformer
from workbench.recipe.settings.backbones import GroupedRegNet as GroupedRegNet
from workbench.recipe.settings.backbones import NonLocal as NonLocal
from workbench.recipe.settings.backbones import TimmBackbone as TimmBackbone
from workbench.recipe.settings.base import Group, Name, setting
from workbench.recipe.settings.certainty import Certainty as Certainty
from workbench.recipe.settings.heads import BatchNorm as BatchNorm
from workbench.recipe.settings.heads import Classifier as Classifier
from workbench.recipe.settings.heads import Neck as Neck
from workbench.recipe.settings.pools import AverageMaxPool as AverageMaxPool
from workbench.recipe.settings.pools import AveragePool as AveragePool
from workbench.recipe.settings.pools import GeneralisedMean as GeneralisedMean
from workbench.recipe.settings.pools import MaxPool as MaxPool
from workbench.recipe.settings.pools import Pool as Pool
from workbench.recipe.settings.regions import ChannelGroups as ChannelGroups
from workbench.recipe.settings.regions import InterleavedRows as InterleavedRows
from workbench.recipe.settings.regions import MapSize as MapSize
from workbench.recipe.settings.regions import Region as Region
from workbench.recipe.settings.regions import Regions as Regions
from workbench.recipe.settings.regions import RowStripes as RowStripes
from workbench.recipe.settings.regions import Whole as Whole
from workbench.recipe.settings.weights import FileWeights as FileWeights
from workbench.recipe.settings.weights import NoWeights as NoWeights
from workbench.recipe.settings.weights import RunWeights as RunWeights
from workbench.recipe.settings.weights import TimmWeights as TimmWeights
from workbench.recipe.settings.weights import Weights as Weights


class Branch(Group):
    """One named way from a tail's feature map to embeddings, one per part of its regions."""

    tail: Annotated[int, setting("Which tail it reads, counted from 0.", ge=0, le=7)] = 0
    regions: Annotated[Regions, setting("How the map is divided into parts.")] = Whole()
    pool: Annotated[Pool, setting("How a part becomes a vector.")] = AveragePool()
    neck: Annotated[Neck, setting("From pooled vector to embedding.")] = Neck()
    classifier: Annotated[
        Classifier | None, setting("From embedding to identities; empty: none.")
    ] = Classifier()
    certainty: Annotated[
        Certainty | None,
        setting("Shift of the margins of losses by a vector's length; empty: none."),
    ] = None


class Model(Group):
    """A network composed of named branches."""

    backbone: Annotated[Backbone, setting("The feature extractor.", important=True)] = (
        TimmBackbone()
    )
    weights: Annotated[Weights, setting("What the network starts from.", important=True)] = (
        NoWeights()
    )
    branches: Annotated[dict[Name, Branch], setting("Named branches, in order.", min_length=1)] = {
        "whole": Branch()
    }

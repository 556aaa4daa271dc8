"""Loss settings: named terms over branches."""

from typing import Annotated

from workbench.recipe.settings.base import OneOf
from workbench.recipe.settings.losses.classification import CrossEntropy as CrossEntropy
from workbench.recipe.settings.losses.classification import MarginCrossEntropy as MarginCrossEntropy
from workbench.recipe.settings.losses.classification import (
    OrderedCrossEntropy as OrderedCrossEntropy,
)
from workbench.recipe.settings.losses.comparison import BatchHardTriplet as BatchHardTriplet
from workbench.recipe.settings.losses.comparison import Circle as Circle
from workbench.recipe.settings.losses.comparison import Instance as Instance
from workbench.recipe.settings.losses.package import LossName as LossName
from workbench.recipe.settings.losses.package import MetricLearning as MetricLearning
from workbench.recipe.settings.losses.package import MinerName as MinerName
from workbench.recipe.settings.losses.term import LOSSES as LOSSES
from workbench.recipe.settings.losses.term import Term as Term
from workbench.recipe.settings.losses.term import VectorTerm as VectorTerm
from workbench.recipe.settings.losses.uncertainty import LengthRegulariser as LengthRegulariser
from workbench.recipe.settings.losses.uncertainty import PairMargin as PairMargin

Loss = Annotated[Term, OneOf(LOSSES)]

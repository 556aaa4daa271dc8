"""Which figures are counted where. No torch."""

from workbench.recipe.evaluation import Evaluation


def plain(evaluation: Evaluation) -> Evaluation:
    """A recipe's protocol without re-ranking, and with rank-1, which every face shows.

    Figures during a training are plain: re-ranking compares all images with all others.
    """
    ranks = sorted({1, *evaluation.ranks})
    return evaluation.model_copy(update={"re_ranking": None, "ranks": ranks})

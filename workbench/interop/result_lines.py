"""Figures printed as five published systems print theirs, so that logs can be laid side by side."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from workbench.errors import RecipeError

System = Literal["rpm", "layumi", "msvit", "nama", "mgn"]
Metrics = Mapping[str, float]
RANKS = (1, 5, 10)
_RECALL, _DRAW = "recall_at_", "draw_"
_NOT_RANKINGS = ("deviation", "multi_query")


def ranks_of(system: System, recall: bool) -> tuple[int, ...]:
    """The k that a system's lines need; none where it prints those of the recipe as Recall@K."""
    return () if recall and system in ("rpm", "msvit") else RANKS


def result_lines(
    system: System, metrics: Metrics, re_ranked: Metrics | None = None, title: str = ""
) -> list[str]:
    """The lines a system prints for these figures.

    A line for each direction; RPM and MSViT print one for each draw of a gallery, of the others
    it is the mean.

    Args:
        system: Whose lines.
        metrics: By the names of ``retrieval.protocol``, as fractions.
        re_ranked: The same under re-ranking, where counted.
        title: What the row of a table is called.

    Raises RecipeError where a figure is missing that the line holds.
    """
    formatted = _LINES[system]
    lines: list[str] = []
    for ranking in _rankings(metrics, every_draw=system in ("rpm", "msvit")):
        lines += formatted(ranking, title)
    if system == "layumi":
        multiple = _metrics_of(metrics, "multi_query")
        lines += [f"multi {line}" for line in formatted(multiple, title)] if multiple else []
        lines += [_top_k_line(ranking) for ranking in _rankings(re_ranked or {}, every_draw=False)]
    elif re_ranked:
        for ranking in _rankings(re_ranked, every_draw=False):
            lines += formatted(ranking, title)
    return lines


def _rankings(metrics: Metrics, *, every_draw: bool) -> list[Metrics]:
    """Figures of each direction or draw under plain names; of the one ranking there is, else."""
    parts = list(dict.fromkeys(name.split(".")[0] for name in metrics if "." in name))
    counted = [
        part
        for part in parts
        if part not in _NOT_RANKINGS and (every_draw or not part.startswith(_DRAW))
    ]
    if counted:
        return [_metrics_of(metrics, part) for part in counted]
    return [metrics] if metrics else []


def _metrics_of(metrics: Metrics, part: str) -> dict[str, float]:
    prefix = f"{part}."
    return {
        name.removeprefix(prefix): value
        for name, value in metrics.items()
        if name.startswith(prefix)
    }


def _block_trainer(metrics: Metrics, _: str) -> list[str]:
    """RPM's and MSViT's."""
    recalls = sorted(int(name.removeprefix(_RECALL)) for name in metrics if _RECALL in name)
    if not recalls:
        return [_top_k_line(metrics)]
    nmi = metrics.get("NMI_training_count", metrics.get("NMI"))
    fields = [f"Recall@{k}:{metrics[f'{_RECALL}{k}']:f}" for k in recalls]
    return [" ".join([*fields, *([] if nmi is None else [f"NMI:{nmi:f}"])])]


def _top_k_line(metrics: Metrics) -> str:
    fields = [f"top{k}:{_rank(metrics, k):f}" for k in RANKS]
    return " ".join([*fields, f"mAP:{metrics['mAP']:f}"])


def _layumi(metrics: Metrics, _: str) -> list[str]:
    fields = [f"Rank@{k}:{_rank(metrics, k):f}" for k in RANKS]
    return [" ".join([*fields, f"mAP:{metrics['mAP']:f}"])]


def _nama(metrics: Metrics, _: str) -> list[str]:
    ranks = [f"CMC curve, Rank-{k:<3}:{_rank(metrics, k):.2%}" for k in RANKS]
    return [f"mAP: {metrics['mAP']:.2%}", *ranks]


def _mgn(metrics: Metrics, title: str) -> list[str]:
    cells = [f"{value:.1%}" for value in (_rank(metrics, 1), metrics["mAP"], metrics["mINP"])]
    return [
        "| Method | Rank@1 | mAP | mINP |",
        "| :---: | :---: | :---: | :---: |",
        f"| {' | '.join([title, *cells])} |",
    ]


def _rank(metrics: Metrics, k: int) -> float:
    value = metrics.get(f"rank{k}", metrics.get(f"{_RECALL}{k}"))
    if value is None:
        raise RecipeError(
            f"evaluation.ranks: rank {k} was not counted, which the line holds. Add {k}.",
            "evaluation.ranks",
        )
    return value


_LINES: Mapping[System, Callable[[Metrics, str], Sequence[str]]] = {
    "rpm": _block_trainer,
    "layumi": _layumi,
    "msvit": _block_trainer,
    "nama": _nama,
    "mgn": _mgn,
}

"""Figures printed as five published systems print theirs, so that logs can be laid side by side."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from workbench.errors import RecipeError

System = Literal["rpm", "layumi", "msvit", "nama", "mgn"]
Figures = Mapping[str, float]
RANKS = (1, 5, 10)
_RECALL, _DRAW = "recall_at_", "draw_"
_NOT_A_RANKING = ("deviation", "multi_query")


def ranks_of(system: System, recall: bool) -> tuple[int, ...]:
    """The k that a system's lines need; none where it prints those of the recipe as Recall@K."""
    return () if recall and system in ("rpm", "msvit") else RANKS


def result_lines(
    system: System, figures: Figures, re_ranked: Figures | None = None, title: str = ""
) -> list[str]:
    """The lines a system prints for these figures.

    A line for each direction; RPM and MSViT print one for each draw of a gallery, of the others
    it is the mean.

    Args:
        system: Whose lines.
        figures: By the names of ``retrieval.protocol``, as fractions.
        re_ranked: The same under re-ranking, where counted.
        title: What the row of a table is called.

    Raises RecipeError where a figure is missing that the line holds.
    """
    printed = _LINES[system]
    lines: list[str] = []
    for one in _rankings(figures, every_draw=system in ("rpm", "msvit")):
        lines += printed(one, title)
    if system == "layumi":
        multiple = _of_part(figures, "multi_query")
        lines += [f"multi {line}" for line in printed(multiple, title)] if multiple else []
        lines += [_top(one) for one in _rankings(re_ranked or {}, every_draw=False)]
    elif re_ranked:
        for one in _rankings(re_ranked, every_draw=False):
            lines += printed(one, title)
    return lines


def _rankings(figures: Figures, *, every_draw: bool) -> list[Figures]:
    """Figures of each direction or draw under plain names; of the one ranking there is, else."""
    parts = list(dict.fromkeys(name.split(".")[0] for name in figures if "." in name))
    shown = [
        part
        for part in parts
        if part not in _NOT_A_RANKING and (every_draw or not part.startswith(_DRAW))
    ]
    if shown:
        return [_of_part(figures, part) for part in shown]
    return [figures] if figures else []


def _of_part(figures: Figures, part: str) -> dict[str, float]:
    start = f"{part}."
    return {
        name.removeprefix(start): value for name, value in figures.items() if name.startswith(start)
    }


def _block_trainer(figures: Figures, _: str) -> list[str]:
    """RPM's and MSViT's."""
    recalls = sorted(int(name.removeprefix(_RECALL)) for name in figures if _RECALL in name)
    if not recalls:
        return [_top(figures)]
    nmi = figures.get("NMI_training_count", figures.get("NMI"))
    told = [f"Recall@{k}:{figures[f'{_RECALL}{k}']:f}" for k in recalls]
    return [" ".join([*told, *([] if nmi is None else [f"NMI:{nmi:f}"])])]


def _top(figures: Figures) -> str:
    told = [f"top{k}:{_rank(figures, k):f}" for k in RANKS]
    return " ".join([*told, f"mAP:{figures['mAP']:f}"])


def _layumi(figures: Figures, _: str) -> list[str]:
    told = [f"Rank@{k}:{_rank(figures, k):f}" for k in RANKS]
    return [" ".join([*told, f"mAP:{figures['mAP']:f}"])]


def _nama(figures: Figures, _: str) -> list[str]:
    ranks = [f"CMC curve, Rank-{k:<3}:{_rank(figures, k):.2%}" for k in RANKS]
    return [f"mAP: {figures['mAP']:.2%}", *ranks]


def _mgn(figures: Figures, title: str) -> list[str]:
    cells = [f"{value:.1%}" for value in (_rank(figures, 1), figures["mAP"], figures["mINP"])]
    return [
        "| Method | Rank@1 | mAP | mINP |",
        "| :---: | :---: | :---: | :---: |",
        f"| {' | '.join([title, *cells])} |",
    ]


def _rank(figures: Figures, k: int) -> float:
    value = figures.get(f"rank{k}", figures.get(f"{_RECALL}{k}"))
    if value is None:
        raise RecipeError(
            f"evaluation.ranks: rank {k} was not counted, which the line holds. Add {k}.",
            "evaluation.ranks",
        )
    return value


_LINES: Mapping[System, Callable[[Figures, str], Sequence[str]]] = {
    "rpm": _block_trainer,
    "layumi": _layumi,
    "msvit": _block_trainer,
    "nama": _nama,
    "mgn": _mgn,
}

"""Checkpoints of other toolboxes: what lies around their entries, and in front of the names."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import numpy as np
from numpy._core.multiarray import scalar
from torch import Tensor

WRAPPERS = ("state_dict", "model", "model_state_dict", "network")
"""Keys behind which toolboxes keep the entries, beside epoch, optimizer and the like."""
SECOND = ("encoder_k", "student")
"""Where a file has two networks, as MoCo's and DINO's have, the one that is not meant."""
NUMPY_SCALARS: list[Any] = [
    (scalar, "numpy.core.multiarray.scalar"),
    (scalar, "numpy._core.multiarray.scalar"),
    np.dtype,
    *sorted({type(np.dtype(code)) for code in "?bBhHiIlLqQefd"}, key=str),
]
"""What a pickled NumPy number is made of: torchreid keeps its Rank-1 beside the weights."""
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NOT_ALLOWED = re.compile(r"GLOBAL ([\w.]+)")
_DEEPEST = 4
_SHARE = 0.2
_ALIKE = 0.9


def printable(text: str) -> str:
    """A text without colour codes, and with a replacement for every other control character."""
    return "".join(
        character if character.isprintable() else "\ufffd" for character in _ESCAPES.sub("", text)
    )


def why_unreadable(error: Exception) -> str:
    """One line on why PyTorch does not read a file."""
    if refused := _NOT_ALLOWED.search(str(error)):
        return f"it holds {printable(refused[1])} beside its tensors, which could run code"
    first = printable(str(error).split("\n")[0])
    return first[:200] or type(error).__name__


def entries_of(content: Any) -> dict[str, Tensor]:  # noqa: ANN401
    """Tensors by name in what was read from a file; empty where it holds none.

    Looks behind ``WRAPPERS``; of mappings of tensors side by side each name gets its mapping's.
    """
    while isinstance(content, Mapping):
        inner = next(
            (content[key] for key in WRAPPERS if isinstance(content.get(key), Mapping)), None
        )
        if inner is None:
            break
        content = inner
    if not isinstance(content, Mapping):
        return {}
    state = _tensors(content)
    if state:
        return state
    inside = {name: value for name, value in content.items() if isinstance(value, Mapping)}
    return {
        f"{name}.{key}": value
        for name, mapping in inside.items()
        if name != "optimizer"
        for key, value in _tensors(mapping).items()
    }


def without_prefix(
    state: Mapping[str, Tensor], understood: Callable[[dict[str, Tensor]], tuple[int, Any]]
) -> tuple[Any, dict[str, Tensor]]:
    """The entries behind the prefix with which most of them are understood, and all others.

    ``understood`` counts the entries of a network that it finds among some, and gives these as the
    network wants them. A prefix is one that many names share, known or not.
    """
    best: tuple[tuple[int, bool, int], str, Any] | None = None
    for order, prefix in enumerate(["", *_prefixes(state)]):
        inside = {
            key.removeprefix(prefix): value
            for key, value in state.items()
            if key.startswith(prefix)
        }
        count, adapted = understood(inside)
        preferred = not set(prefix.split(".")) & set(SECOND)
        rank = (count, preferred, -order)
        if best is None or rank > best[0]:
            best = rank, prefix, adapted
    assert best is not None
    _, prefix, adapted = best
    outside = {} if not prefix else {k: v for k, v in state.items() if not k.startswith(prefix)}
    return adapted, outside


def same_shapes(ours: Iterable[Tensor], state: Mapping[str, Tensor]) -> bool:
    """Whether a file has tensors of the shapes of a backbone, whatever their names are."""
    wanted = Counter(tuple(tensor.shape) for tensor in ours if tensor.ndim)
    there = Counter(tuple(tensor.shape) for tensor in state.values())
    return 0 < _ALIKE * wanted.total() <= (wanted & there).total()


def _prefixes(state: Collection[str]) -> list[str]:
    """Beginnings, up to a dot, that a good share of the names has in common."""
    counts: Counter[str] = Counter()
    for key in state:
        parts = key.split(".")[:-1][:_DEEPEST]
        counts.update(".".join(parts[: depth + 1]) + "." for depth in range(len(parts)))
    return [prefix for prefix, count in counts.items() if count >= _SHARE * len(state)]


def _tensors(content: Mapping[Any, Any]) -> dict[str, Tensor]:
    return {str(key): value for key, value in content.items() if isinstance(value, Tensor)}

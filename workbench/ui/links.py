"""The address of what is seen, as a query string: one codec for every face.

``/?tab=rankings&run=…&weights=averaged&query=12&k=20`` opens the ranking of query 12. Fields with
their usual value are left out. A link somebody typed or cut short still opens: what cannot be read
falls back to its usual value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlencode

from workbench.data.wording import whole_number

Tab = Literal["train", "runs", "rankings", "parts", "map", "data", "learn"]
Colour = Literal["identity", "camera", "split", "correctness"]
COLOURS: dict[str, Colour] = {name: name for name in get_args(Colour)}
TABS: dict[str, Tab] = {name: name for name in get_args(Tab)}
LARGEST_K = 100


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a page shows.

    ``weights`` is ``averaged`` or ``raw`` of the run's last checkpoint, or
    ``<checkpoint>-averaged`` and ``<checkpoint>-raw``. ``source`` says whether ``query`` counts
    query or gallery images, ``hit`` is the gallery image of a pair that is explained by its
    ``method``. Of a map: its ``method`` and ``colour``, the ``step`` of a
    snapshot instead of all images, and the ``point`` looked at (queries first, then the gallery).
    ``dataset`` and ``identity`` are what is looked at of the data. Of a ``lesson``: the ``setting``
    of its interactive as ``lessons.settings`` writes it, which controls to ``hide``, the
    ``language`` of its texts, and the run of its real ``training``.
    """

    tab: Tab = "train"
    run: str = ""
    preset: str = ""
    weights: str = ""
    source: Literal["query", "gallery"] = "query"
    query: int | None = None
    hit: int | None = None
    k: int = 10
    rerank: str = ""
    method: str = ""
    colour: Colour = "identity"
    step: int | None = None
    point: int | None = None
    dataset: str = ""
    identity: int | None = None
    lesson: str = ""
    setting: str = ""
    hide: str = ""
    language: str = ""
    training: str = ""


def write_link(link: Link) -> str:
    """The query string of a link, opening with ``?``, without fields of their usual value."""
    usual = Link()
    pairs = {
        item.name: getattr(link, item.name)
        for item in fields(Link)
        if item.name == "tab" or getattr(link, item.name) != getattr(usual, item.name)
    }
    return "?" + urlencode(pairs)


def read_link(query: str | Mapping[str, str]) -> Link:
    """The link of a query string (with or without ``?``) or of its parsed fields."""
    given = dict(parse_qsl(query.lstrip("?"))) if isinstance(query, str) else dict(query)
    number = _natural(given.get("query"))
    return Link(
        tab=TABS.get(given.get("tab", ""), "train"),
        run=given.get("run", ""),
        preset=given.get("preset", ""),
        weights=given.get("weights", ""),
        source="gallery" if given.get("source") == "gallery" else "query",
        query=number,
        hit=_natural(given.get("hit")),
        k=min(max(_natural(given.get("k")) or Link.k, 1), LARGEST_K),
        rerank=given.get("rerank", ""),
        method=given.get("method", ""),
        colour=COLOURS.get(given.get("colour", ""), "identity"),
        step=_natural(given.get("step")),
        point=_natural(given.get("point")),
        dataset=given.get("dataset", ""),
        identity=_natural(given.get("identity")),
        lesson=given.get("lesson", ""),
        setting=given.get("setting", ""),
        hide=given.get("hide", ""),
        language=given.get("language", ""),
        training=given.get("training", ""),
    )


def _natural(text: str | None) -> int | None:
    return whole_number(text) if text else None

"""The lesson on figures: two lists to compare, a list to build, a real one. No torch here."""

from contextlib import suppress
from dataclasses import dataclass

from workbench.errors import DataError, EmptySplit
from workbench.lessons.claims import Claim, claim, percent
from workbench.lessons.ranked_cards import Cards, Kind, ListMetrics, list_metrics, read_cards
from workbench.lessons.texts import ENGLISH, RealTexts, lesson
from workbench.retrieval.ranked_list import ITSELF, JUNK_IMAGE, RankedImage
from workbench.retrieval.rankings import Rankings

NAME = "figures"
FIRST = "mwwwwwwwmm"
"""Model A of the question: right answers at ranks 1, 9 and 10."""
SECOND = "wmmmwwwwww"
"""Model B: at ranks 2, 3 and 4."""
MAX_QUERIES = 60
MAX_PRODUCTS = 60_000_000
"""Of a large gallery fewer queries are looked at: a list costs images times dimensions."""


@dataclass(frozen=True)
class RealList:
    """A list some model made.

    Attributes:
        cards: Down to the last image of the query's person; what is behind changes no figure.
        query: Of which query of the run; None for the list kept with the lesson.
        images: Gallery image of every card, for pictures; empty for the list kept.
    """

    cards: Cards
    query: int | None = None
    images: tuple[int, ...] = ()

    @property
    def with_rule(self) -> ListMetrics:
        """Figures with junk and the query's own camera left out."""
        return list_metrics(self.cards)

    @property
    def without_rule(self) -> ListMetrics:
        """Figures of everything."""
        return list_metrics(self.cards, rule=False)

    @property
    def rise(self) -> float:
        """By how much average precision seems better without the rule."""
        return self.without_rule.step - self.with_rule.step


def revealed(language: str = ENGLISH) -> str:
    """What is told after the question, with its figures."""
    first, second = _question_lists()
    return lesson(NAME, language).question.reveal.format(
        first=percent(first.step), second=percent(second.step)
    )


def real_texts(language: str = ENGLISH) -> RealTexts:
    """What the lesson says of real lists, and the one it keeps."""
    texts = lesson(NAME, language).real
    if texts is None:
        raise DataError(f"The texts of lesson {NAME} hold no real list: add 'real'.")
    return texts


def shipped_list() -> RealList:
    """The real list that comes with the lesson."""
    return RealList(read_cards(real_texts().cards))


def real_list(rankings: Rankings) -> RealList | None:
    """The list, among the first queries, whose average precision the rule changes most.

    None where it changes none, or all of them are too long to be shown.
    """
    gallery_numbers = rankings.embeddings.gallery.size
    queries = range(min(rankings.num_queries, MAX_QUERIES, max(1, MAX_PRODUCTS // gallery_numbers)))
    lists = [ranked for query in queries if (ranked := _list_of(rankings, query)) is not None]
    best = max(lists, key=lambda ranked: ranked.rise, default=None)
    return best if best is not None and best.rise > 0.0 else None


def claims(own: Cards, real: RealList) -> list[Claim]:
    """What the lesson claims of the list that was built and of a real one."""
    first, second = _question_lists()
    gap = second.step - first.step
    claims_so_far = [
        claim(
            NAME,
            "question",
            gap if first.match[0] == 1.0 and second.match[0] == 0.0 else -1.0,
            f"{percent(second.step)} - {percent(first.step)} ≥ 0",
            first=percent(first.step),
            second=percent(second.step),
        )
    ]
    # A list without a right answer has no figures to claim anything of.
    with suppress(EmptySplit):
        claims_so_far += [_trapezoid(list_metrics(own)), _blind(own), _luck(own)]
    return [*claims_so_far, _rule(real)]


def _question_lists() -> tuple[ListMetrics, ListMetrics]:
    first, second = list_metrics(read_cards(FIRST)), list_metrics(read_cards(SECOND))
    return first, second


def _trapezoid(mine: ListMetrics) -> Claim:
    facts = {"trapezoid": percent(mine.trapezoid), "step": percent(mine.step)}
    bound = f"{facts['step']} - {facts['trapezoid']} ≥ 0"
    return claim(NAME, "trapezoid", _positive(mine.step - mine.trapezoid), bound, **facts)


def _blind(own: Cards) -> Claim:
    """Ties are broken as the cards lie: only then is there a place behind the first match."""
    original = list_metrics(Cards(own.kinds))
    reordered = list_metrics(own.reversed_after_first_match())
    same = original.match == reordered.match
    facts = {"before": percent(original.step), "after": percent(reordered.step)}
    return claim(NAME, "blind", 0.0 if same else -1.0, "every Rank-k is the same", **facts)


def _luck(own: Cards) -> Claim:
    tied = list_metrics(own.all_tied())
    worst, best = tied.span
    margin = _positive(min(tied.step - worst, best - tied.step))
    facts = {"mean": percent(tied.step), "worst": percent(worst), "best": percent(best)}
    bound = f"{facts['worst']} ≤ {facts['mean']} ≤ {facts['best']}"
    return claim(NAME, "ties", margin, bound, **facts)


def _rule(real: RealList) -> Claim:
    on, off = real.with_rule, real.without_rule
    facts = {"on": percent(on.step), "off": percent(off.step)}
    return claim(NAME, "rule", real.rise, f"{facts['off']} - {facts['on']} ≥ 0", **facts)


def _positive(difference: float) -> float:
    """Equal figures may differ in the last bit of their sums."""
    return 0.0 if abs(difference) < 1e-12 else difference


def _list_of(rankings: Rankings, query: int) -> RealList | None:
    ranked = rankings.list(query, len(rankings.embeddings.gallery_images))
    images = [image for image in ranked if image.excluded != ITSELF]
    last = max(
        (position for position, image in enumerate(images) if image.verdict == "match"), default=-1
    )
    shown = images[: last + 1]
    try:
        cards = read_cards("".join(_kind(image)[0] for image in shown))
    except DataError:
        return None
    ties = [
        position
        for position in range(1, len(shown))
        if shown[position].distance == shown[position - 1].distance
    ]
    indices = tuple(image.index for image in shown)
    return RealList(Cards(cards.kinds, frozenset(ties)), query, indices)


def _kind(image: RankedImage) -> Kind:
    if image.excluded is not None:
        return "junk" if image.excluded == JUNK_IMAGE else "same_camera"
    return image.verdict

"""The ranking as it forms, as faces show it: pinned queries while a run trains, one query after."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.data.catalogue.splits import locate, read_split
from workbench.data.images.image_file import ImageFile
from workbench.data.samples import Sample, Split
from workbench.data.wording import counted
from workbench.errors import DataError, RunError
from workbench.inspection.filmstrip import TOP, Frame, Strip, filmstrip, snapshots_mark
from workbench.inspection.ranking_history import Formation, formation
from workbench.paths import confined
from workbench.retrieval.rankings import Rankings
from workbench.runs.files import read_json
from workbench.runs.folder import RunFolder
from workbench.ui.views.rankings.ranking_view import Source, number_of, shown_image
from workbench.ui.views.rankings.stored_rankings import choose, opened

MOST_ROWS = 12


def film(run: RunFolder, known: str = "") -> dict[str, Any]:
    """The lists of the pinned queries at every evaluation.

    ``known`` is the ``mark`` of an earlier answer: where nothing has changed since then, only that
    is said. Without snapshots there are no frames but a sentence.
    """
    mark = snapshots_mark(run)
    if known == mark:
        return {"mark": mark, "unchanged": True}
    answer: dict[str, Any] = {"mark": mark, "unchanged": False, "frames": [], "queries": []}
    try:
        frames = filmstrip(run)
        split = data_of(run)
        shown = {hit.index for frame in frames for strip in frame.strips for hit in strip.hits}
        return answer | {
            "queries": [_query(split, strip.query) for strip in frames[-1].strips],
            "gallery": {index: shown_image(split.gallery[index]) for index in sorted(shown)},
            "frames": [_frame(frame) for frame in frames],
            "words": _film_in_words(frames[-1]),
        }
    except (RunError, DataError) as error:
        return answer | {"words": str(error)}


def film_picture(run: RunFolder, source: Source, index: int) -> ImageFile:
    """The file of an image of the run's own data, also before anything is embedded.

    Raises DataError where there is no such image, PlaceError outside its root.
    """
    split = data_of(run)
    images = split.query if source == "query" else split.gallery
    if not 0 <= index < len(images):
        raise DataError(
            f"There is no {source} image {index}: they are numbered from 0 to {len(images) - 1}."
        )
    return ImageFile(confined(split.root, images[index].path), split.levels)


def formed(
    run: RunFolder, wanted: str, source: Source, index: int, top: int = 10
) -> dict[str, Any]:
    """How the list of one image formed: a row for each snapshot, evenly chosen where many.

    Raises RunError where there is no snapshot, or snapshots keep nothing of the image.
    """
    with opened(run, choose(run, wanted)) as rankings:
        found = formation(run, rankings, number_of(rankings, source, index), top)
        images = rankings.embeddings.gallery_images
        frames = found.frames
        chosen = sorted({round(at) for at in _evenly(len(frames), MOST_ROWS)})
        return {
            "rows": [_row(frames[place], images) for place in chosen],
            "words": _formation_in_words(found, rankings, len(chosen)),
        }


def _evenly(count: int, most: int) -> list[float]:
    if count <= most:
        return [float(place) for place in range(count)]
    return [place * (count - 1) / (most - 1) for place in range(most)]


@lru_cache(maxsize=4)
def _split_at(path: Path) -> Split:
    """The data of a run as they lie on disk. Never draws anything: that is for who starts a run."""
    run = RunFolder(path)
    data = run.recipe().data
    locate(data)
    split = read_split(data)
    began = (read_json(run.environment_file) or {}).get("digests", {})
    for part in ("query", "gallery"):
        if part in began and began[part] not in (split.digest(part), split.earlier_digest(part)):
            raise RunError(
                f"The {part} images are not those run {run.id} began with: its lists cannot be"
                " shown over them. Put the images back, or start a new run."
            )
    return split


def data_of(run: RunFolder) -> Split:
    """The data a run began with, as they lie on disk; read once.

    Raises DataError where they are gone, RunError where they are others now.
    """
    return _split_at(run.path)


def _query(split: Split, number: int) -> dict[str, Any]:
    return {"source": "query", "index": number, **shown_image(split.query[number])}


def _frame(frame: Frame) -> dict[str, Any]:
    return {
        "step": frame.step,
        "words": _film_in_words(frame),
        "strips": [
            {
                "hits": [{"index": hit.index, "verdict": hit.verdict} for hit in strip.hits],
                "first_match": strip.first_match,
                "looked_at": strip.looked_at,
            }
            for strip in frame.strips
        ],
    }


def _film_in_words(frame: Frame) -> str:
    first = sum(strip.first_match == 1 for strip in frame.strips)
    among = sum(_is_among(strip, TOP) for strip in frame.strips)
    queries = counted(len(frame.strips), "query")
    return (
        f"Step {frame.step}: of {queries}, {first} have a right image first and {among} have one"
        f" among the first {TOP}."
    )


def _is_among(strip: Strip, top: int) -> bool:
    return strip.first_match is not None and strip.first_match <= top


def _row(frame: Frame, images: tuple[Sample, ...]) -> dict[str, Any]:
    (strip,) = frame.strips
    return {
        "step": frame.step,
        "first_match": strip.first_match,
        "looked_at": strip.looked_at,
        "items": [
            {
                "source": "gallery",
                "index": hit.index,
                **shown_image(images[hit.index]),
                "rank": rank,
                "distance": hit.distance,
                "verdict": hit.verdict,
            }
            for rank, hit in enumerate(strip.hits, start=1)
        ],
    }


def _formation_in_words(found: Formation, rankings: Rankings, rows: int) -> str:
    total = len(rankings.embeddings.gallery_images)
    told = ["By the raw weights of each step, without re-ranking."]
    if not found.exact:
        among = "" if found.among == total else f" of {found.among} of the {total} gallery images"
        told.append(f"Made again from the vectors{among} that snapshots keep in half precision.")
    if rows < len(found.frames):
        told.append(f"{rows} of {len(found.frames)} snapshots are shown.")
    return " ".join(told)

"""``rank``, and what commands on the results of a run share."""

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.cli.bars import bar
from workbench.cli.output import Output
from workbench.cli.usage import UsageError
from workbench.recipe.merge import validated
from workbench.recipe.overrides import merged
from workbench.recipe.settings.data import Data
from workbench.runs.folder import RunFolder
from workbench.runs.management import find_run

if TYPE_CHECKING:
    from workbench.retrieval.ranked_list import RankedImage

COLUMNS = ("rank", "verdict", "distance", "identity", "camera", "image")


def rank(options: Namespace, output: Output) -> int:
    """Print the ranked list of one query, with the reason for each excluded image."""
    output.print_folders("runs", "datasets")
    run = find_run(options.run)
    if options.image is not None:
        return _rank_own(run, options, output)
    if options.gallery:
        raise UsageError("--gallery: goes with --image FILE, the image that is ranked against it.")
    from workbench.experiment import open_rankings

    weights = default_weights(run, options.weights)
    rankings = open_rankings(run, weights=weights, checkpoint=options.checkpoint)
    queries = rankings.embeddings.query_images
    if not 0 <= options.query < len(queries):
        last = len(queries) - 1
        raise UsageError(f"--query {options.query}: run {run.id} has queries 0 to {last}.")
    root = str(rankings.embeddings.root)
    query = {"root": root, "query": options.query} | _image(queries[options.query])
    rows = _rows(rankings.list(options.query, options.k), rankings.embeddings.gallery_images)
    if output.json_lines:
        output.record("ranking", run=run.id, weights=weights, **query, images=rows)
        return 0
    labels = f"identity {query['identity']}, camera {query['camera']}"
    output.say(f"images: {root}\nquery {options.query}: {query['image']} ({labels})")
    output.table(COLUMNS, [_cells(row) for row in rows])
    return 0


def _rank_own(run: RunFolder, options: Namespace, output: Output) -> int:
    """An image file against the run's gallery, or against other images: nobody is a match."""
    # Torch takes seconds to load: only here.
    from workbench.experiment import rank_image

    weights = default_weights(run, options.weights)
    with bar(output) as progress:
        rankings, notes = rank_image(
            run, options.image, options.gallery or (), weights, options.checkpoint, progress
        )
    # Whom the query shows is not known, so nothing is right or wrong.
    unknown = ("verdict", "identity", "camera") if options.gallery else ("verdict",)
    rows = _rows(rankings.list(0, options.k), rankings.embeddings.gallery_images)
    rows = [row | dict.fromkeys(unknown) for row in rows]
    if output.json_lines:
        query = {"query": None, "image": options.image, "identity": None, "camera": None}
        root = "" if options.gallery else str(rankings.embeddings.root)
        output.record("ranking", run=run.id, weights=weights, root=root, **query, images=rows)
    elif options.gallery:
        columns = ["rank", "distance", "image"]
        cells = [_cells(row) for row in rows]
        output.table(columns, [[rank, distance, image] for rank, _, distance, *_, image in cells])
    else:
        output.say(f"images: {rankings.embeddings.root}\nquery: {options.image}")
        output.table(COLUMNS, [_cells(row) for row in rows])
    for note in notes:
        output.warn(note)
    return 0


def default_weights(run: RunFolder, chosen: str | None) -> str:
    """The weights asked for; else averaged ones where the recipe makes them, else raw ones."""
    return weights_of(run, chosen)[-1]


def weights_of(run: RunFolder, chosen: str | None) -> list[str]:
    """The weights asked for; else raw ones, and averaged ones where the recipe makes them."""
    averages = run.recipe().training.averaging.kind != "none"
    return [chosen] if chosen else ["raw", "averaged"] if averages else ["raw"]


def other_data(run: RunFolder, settings: dict[str, str]) -> Data | None:
    """The run's data settings with some changed, or None where nothing is changed.

    Raises UsageError for settings of anything else.
    """
    unsupported = [path for path in settings if not path.startswith("data.")]
    if unsupported:
        raise UsageError(f"--set {unsupported[0]}: an evaluation can change data.* only.")
    return validated(*merged(run.recipe(), settings)).data if settings else None


def _rows(ranked: "Sequence[RankedImage]", images: Sequence[Any]) -> list[dict[str, Any]]:
    """Ranks count from 1; excluded images stand in the list without one."""
    rows: list[dict[str, Any]] = []
    position = 0
    for image in ranked:
        position += image.excluded is None
        match = {"distance": float(image.distance), "verdict": image.verdict}
        rank = position if image.excluded is None else None
        rows.append(
            {"rank": rank} | _image(images[image.index]) | match | {"excluded": image.excluded}
        )
    return rows


def _image(sample: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"image": sample.path, "identity": int(sample.identity), "camera": int(sample.camera)}


def _cells(row: dict[str, Any]) -> list[str]:
    verdict = f"excluded: {row['excluded']}" if row["excluded"] else row["verdict"] or "-"
    return [
        "-" if row["rank"] is None else str(row["rank"]),
        verdict,
        f"{row['distance']:.4f}",
        str(row["identity"]),
        str(row["camera"]),
        row["image"],
    ]

"""``embed`` and ``project``: vectors of images as a file, and a map of them as a page."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.bars import bar
from workbench.cli.commands.results import default_weights, other_data
from workbench.cli.output import Output
from workbench.cli.usage import UsageError
from workbench.runs.folder import RunFolder
from workbench.runs.management import find_run

if TYPE_CHECKING:
    from workbench.retrieval.embeddings.embedding_file import EmbeddingFile


def embed(options: Namespace, output: Output) -> int:
    """Write the vectors of a run's images, or of others, with what each is of."""
    output.print_folders("runs", "datasets")
    run = find_run(options.run)
    notes: Sequence[str] = ()
    skipped: dict[str, int] = {}
    if images := _own_images(options):
        # Torch takes seconds to load: only here.
        from workbench.experiment import embed as embed_images

        weights = default_weights(run, options.weights)
        with bar(output) as progress:
            image_embeddings = embed_images(run, images, weights, options.checkpoint, progress)
        embeddings, notes, skipped = (
            image_embeddings.as_file(run),
            image_embeddings.notes,
            {"left_out": image_embeddings.left_out},
        )
    else:
        embeddings = _embed_data_set(run, options, output)
    file = _ending(Path(options.out), ".npz")
    embeddings.save(file)
    count, width = embeddings.vectors.shape
    if output.json_lines:
        about = {"file": str(file), "images": count, "width": width}
        output.record("embedding", run=run.id, **about, **skipped)
    else:
        output.say(f"{file}: {count} images, {width} numbers each")
    for note in notes:
        output.warn(note)
    return 0


def _own_images(options: Namespace) -> list[str]:
    """Images that are embedded as they are: ``--images``, or a ``--data`` without a layout.

    Empty where a data set is to be embedded.
    """
    if options.images:
        if options.settings:
            raise UsageError("--set: --images are embedded as they are, without a data set.")
        return options.images
    if options.data is None or options.settings:
        return []
    from workbench.data.checks.check import guess_kind

    path = Path(options.data).expanduser()
    without_layout = not path.is_dir() or guess_kind(path) == "folder"
    return [str(path.absolute())] if without_layout else []


def _embed_data_set(run: RunFolder, options: Namespace, output: Output) -> "EmbeddingFile":
    """The queries and the gallery of the run's own data, or of others."""
    settings = dict(options.settings)
    if options.data is not None:
        from workbench.data.checks.check import guess_kind

        folder = Path(options.data).expanduser().absolute()
        settings = {"data.root": str(folder), "data.dataset.kind": guess_kind(folder)} | settings
    data = other_data(run, settings)
    from workbench.inspection.embedding_export import embedding_file

    weights = default_weights(run, options.weights)
    with bar(output) as progress:
        return embedding_file(run, weights, options.checkpoint, data, progress)


def project(options: Namespace, output: Output) -> int:
    """Write a map of embeddings as one page that needs no network."""
    # Torch and plotly take seconds to load, UMAP more: only here.
    from workbench.cli.map_page import write_page
    from workbench.retrieval.embeddings.embedding_file import EmbeddingFile
    from workbench.retrieval.projection.projection import pca
    from workbench.retrieval.projection.trust import trust

    embeddings = EmbeddingFile.load(Path(options.file))
    if options.method == "umap":
        from workbench.retrieval.projection.umap_projection import umap_map

        output.say("UMAP compiles for about half a minute first.")
        points = umap_map(embeddings.vectors, distance=embeddings.distance, seed=options.seed)
    else:
        points = pca(embeddings.vectors, embeddings.distance)
    neighbourhoods = trust(embeddings.vectors, points, distance=embeddings.distance)
    file = _ending(Path(options.out), ".html")
    share_text = (
        f"{100 * neighbourhoods.overall:.0f} % (by chance {100 * neighbourhoods.chance:.1f} %)"
    )
    if neighbourhoods.measured < len(points):
        share_text += f", measured at {neighbourhoods.measured} points"
    title = (
        f"{options.method} of {embeddings.run}: {len(points)} images, true neighbours {share_text}"
    )
    write_page(file, embeddings, points, neighbourhoods.per_point, title)
    about: dict[str, Any] = {"file": str(file), "method": options.method, "points": len(points)}
    about |= {
        "trust": neighbourhoods.overall,
        "chance": neighbourhoods.chance,
        "neighbours": neighbourhoods.k,
    }
    about |= {"measured": neighbourhoods.measured}
    if output.json_lines:
        output.record("projection", **about)
    else:
        output.say(
            f"{file}: {len(points)} points; of the {neighbourhoods.k} nearest on the map, true"
            f" neighbours are {share_text}"
        )
    return 0


def _ending(file: Path, suffix: str) -> Path:
    return file if file.suffix == suffix else file.with_name(file.name + suffix)

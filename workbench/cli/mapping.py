"""``embed`` and ``project``: vectors of images as a file, and a map of them as a page."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from workbench.cli.bars import bar
from workbench.cli.output import Output
from workbench.cli.results import default_weights, other_data
from workbench.runs.registry import find_run


def embed(options: Namespace, output: Output) -> int:
    """Write the vectors of a run's images, or of others, with what each is of."""
    output.where("runs", "datasets")
    run = find_run(options.run)
    settings = dict(options.settings)
    if options.data is not None:
        from workbench.data.check import guess_kind

        folder = Path(options.data).expanduser().absolute()
        settings |= {"data.root": str(folder), "data.dataset.kind": guess_kind(folder)}
    data = other_data(run, settings)
    # Torch takes seconds to load: only here.
    from workbench.experiment.embedding_file import embedding_file

    with bar(output) as progress:
        found = embedding_file(
            run, default_weights(run, options.weights), options.checkpoint, data, progress
        )
    file = _ending(Path(options.out), ".npz")
    found.save(file)
    images, width = found.vectors.shape
    if output.json_lines:
        output.record("embedding", run=run.id, file=str(file), images=images, width=width)
    else:
        output.say(f"{file}: {images} images, {width} numbers each")
    return 0


def project(options: Namespace, output: Output) -> int:
    """Write a map of embeddings as one page that needs no network."""
    # Torch and plotly take seconds to load, UMAP more: only here.
    from workbench.cli.map_page import write_page
    from workbench.retrieval.embedding_file import EmbeddingFile
    from workbench.retrieval.projection import pca
    from workbench.retrieval.trust import trust

    embeddings = EmbeddingFile.load(Path(options.file))
    if options.method == "umap":
        from workbench.retrieval.umap_projection import umap_map

        output.say("UMAP compiles for about half a minute first.")
        points = umap_map(embeddings.vectors, distance=embeddings.distance, seed=options.seed)
    else:
        points = pca(embeddings.vectors, embeddings.distance)
    found = trust(embeddings.vectors, points, distance=embeddings.distance)
    file = _ending(Path(options.out), ".html")
    shares = f"{100 * found.overall:.0f} % (by chance {100 * found.chance:.1f} %)"
    title = f"{options.method} of {embeddings.run}: {len(points)} images, true neighbours {shares}"
    write_page(file, embeddings, points, found.per_point, title)
    about: dict[str, Any] = {"file": str(file), "method": options.method, "points": len(points)}
    about |= {"trust": found.overall, "chance": found.chance, "neighbours": found.k}
    if output.json_lines:
        output.record("projection", **about)
    else:
        output.say(
            f"{file}: {len(points)} points; of the {found.k} nearest on the map, true neighbours"
            f" are {shares}"
        )
    return 0


def _ending(file: Path, suffix: str) -> Path:
    return file if file.suffix == suffix else file.with_name(file.name + suffix)

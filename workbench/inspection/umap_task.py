"""UMAP of a run's embeddings as a task of its own: it loads and compiles for half a minute."""

from workbench.experiment.run_rankings import embeddings_folder, open_rankings
from workbench.inspection.map_making import judged, keep, maps_of_snapshots, parts_of
from workbench.inspection.maps import kept_map, map_file, progress_file
from workbench.inspection.tasks import Progress, long_task
from workbench.runs.folder import RunFolder

STAGE = "mapping"


def umap_task(run: RunFolder, weights: str, checkpoint: str, *, snapshots: bool) -> int:
    """Map a checkpoint's embeddings, or all snapshots, into the cache; 0 when done.

    The same embeddings give the same map.
    """
    folder = embeddings_folder(run, weights, checkpoint)

    def work(told: Progress) -> None:
        # Slow to load and to compile: not before this process has lowered its priority.
        from workbench.retrieval.projection.umap_projection import umap_map

        if snapshots:
            maps_of_snapshots(
                run,
                "umap",
                lambda vectors, start, distance: umap_map(vectors, start, distance=distance),
                lambda done, total: told.show(STAGE, done, total),
            )
            return
        if kept_map(run, "umap", folder) is None:
            rankings = open_rankings(run, weights, checkpoint)
            vectors, distance = parts_of(rankings.embeddings), rankings.evaluation.distance
            told.show(STAGE, 0, 1)
            made = judged(vectors, umap_map(vectors, distance=distance), distance)
            keep(map_file(run, "umap", folder.name), made)

    return long_task(progress_file(run, folder.name, snapshots), work)

"""What every panel takes of wide stored embeddings: seconds, and memory beside the mapped file.

    .venv/bin/python benchmarks/wide.py                            # 1,861 and 20,000 x 12,288
    .venv/bin/python benchmarks/wide.py --sizes 1861 --dim 2048
    .venv/bin/python benchmarks/wide.py --panels trust neighbours
    .venv/bin/python benchmarks/wide.py --out benchmarks/README.md

The vectors are drawn, a tenth of them queries, and lie in files as a run stores them. Each panel is
asked in a process of its own: seconds by the clock and of the processor, and the most memory that
is not of files. PCA takes one thread, the others as many as there are. Linux only.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from record import machine_in_words, table, write_section

from workbench.experiment.snapshots import SAMPLE, spread
from workbench.inspection.map_making import parts_of, right_first
from workbench.recipe.settings.evaluation import Evaluation
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.exact.stacked_vectors import lengths, rows_of, shape_of
from workbench.retrieval.projection.projection import neighbours, pca_of_parts
from workbench.retrieval.projection.trust import true_neighbours, trust
from workbench.retrieval.rankings import Rankings

HEADS = ("panel", "vectors", "seconds", "processor seconds", "peak memory")
BLOCK = 1000


def points(embeddings):
    """A map that knows nothing: judging it takes as long as judging any."""
    count = shape_of(parts_of(embeddings))[0]
    return np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)


def rankings(embeddings):
    return Rankings(embeddings, Evaluation())


def some(embeddings):
    """The vectors that a snapshot keeps."""
    parts = parts_of(embeddings)
    return rows_of(parts, spread(shape_of(parts)[0], SAMPLE))


PANELS = {
    "PCA": lambda e: pca_of_parts(parts_of(e)),
    "trust": lambda e: trust(parts_of(e), points(e)),
    "neighbours of a point": lambda e: true_neighbours(parts_of(e), points(e), 3),
    "first hits": lambda e: right_first(rankings(e)),
    "lengths": lambda e: lengths(parts_of(e)),
    "a list": lambda e: rankings(e).list(3),
    "list of a gallery image": lambda e: rankings(e).list(rankings(e).query_of(3)),
    "order by worst": lambda e: rankings(e).order("worst"),
    "vectors of a snapshot": some,
    "map of a snapshot": lambda e: pca_of_parts([some(e)]),
    "trust of a snapshot": lambda e: trust(some(e), points(e)[:SAMPLE]),
    "neighbours for UMAP": lambda e: neighbours(parts_of(e), 14),
}


def write(folder, count, dim):
    """People of about fifteen images, written a block at a time."""
    folder.mkdir()
    generator, queries = np.random.default_rng(0), count // 10
    identities = 1 + np.arange(count) % max(1, count // 15)
    for name, first, last in (("query", 0, queries), ("gallery", queries, count)):
        shape = last - first, dim
        file = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.float32, shape)
        for start in range(first, last, BLOCK):
            end = min(start + BLOCK, last)
            block = generator.standard_normal((end - start, dim), dtype=np.float32)
            for row, identity in enumerate(identities[start:end].tolist()):
                centre = np.random.default_rng(identity)
                block[row] = 0.8 * block[row] + centre.standard_normal(dim, dtype=np.float32)
            file[start - first : end - first] = block
    rows = [
        [f"{number}.jpg", int(identity), 1 + number % 6]
        for number, identity in enumerate(identities)
    ]
    about = {"root": str(folder), "leave_one_out": False, "belongs_to": {}}
    about |= {"version": 2, "query": rows[:queries], "gallery": rows[queries:]}
    (folder / "images.json").write_text(json.dumps(about))


def anonymous_megabytes():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1000
    raise SystemExit("this system does not tell memory from files")


def ask(panel, folder):
    """One panel in this process: prints its seconds and memory as JSON."""
    embeddings = Embeddings.load(folder)
    before, peak, ended = anonymous_megabytes(), 0.0, threading.Event()

    def watch():
        nonlocal peak
        while not ended.wait(0.01):
            peak = max(peak, anonymous_megabytes())

    watching = threading.Thread(target=watch)
    watching.start()
    began, worked = time.perf_counter(), time.process_time()
    PANELS[panel](embeddings)
    took = {"s": time.perf_counter() - began, "cpu_s": time.process_time() - worked}
    ended.set()
    watching.join()
    print(json.dumps({**took, "megabytes": max(peak - before, 0.0)}))


def measured(panel, folder):
    command = [sys.executable, __file__, "--ask", panel, str(folder)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(answer.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1861, 20_000])
    parser.add_argument("--dim", type=int, default=12_288)
    parser.add_argument("--panels", nargs="*", default=list(PANELS), choices=list(PANELS))
    parser.add_argument("--out", type=Path, help="document to write the table into")
    parser.add_argument("--ask", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        ask(options.ask[0], Path(options.ask[1]))
        return
    rows = []
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        for count in options.sizes:
            folder = Path(name) / str(count)
            write(folder, count, options.dim)
            for panel in options.panels:
                took = measured(panel, folder)
                print(json.dumps({"panel": panel, "points": count, **took}), flush=True)
                size = f"{count:,} x {options.dim:,}"
                times = f"{took['s']:.1f}", f"{took['cpu_s']:.1f}"
                rows.append((panel, size, *times, f"{took['megabytes']:,.0f} MB"))
    if options.out:
        intro = (
            "`benchmarks/wide.py`: drawn vectors in mapped files, a tenth of them queries; each"
            " panel in a process of its own, compiled loops known. Peak memory is what a panel adds"
            " to the process, without pages of the files. At its start the machine had a load of"
            f" {load:.1f}."
        )
        section = table(HEADS, rows)
        write_section(options.out, "Wide embeddings", machine_in_words(), intro, section)


if __name__ == "__main__":
    main()

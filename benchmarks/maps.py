"""Maps, timed: to the first picture, a click to its query, hover, lasso, PCA, trust and UMAP.

    .venv/bin/python benchmarks/maps.py                       # 2,000 and 20,000 points, 512 numbers
    .venv/bin/python benchmarks/maps.py --sizes 2000 --page 2000
    .venv/bin/python benchmarks/maps.py --umap               # without any UMAP
    .venv/bin/python benchmarks/maps.py --out benchmarks/README.md

The vectors are drawn: people around centres, a tenth of them queries, as a run's own embeddings.
Prints one JSON object a measurement and one for the machine, and says on standard error what it is
at; ``--out`` also writes the measurements as the section "Maps" of a document. Folders are
temporary.

A UMAP is made at the lowest priority, as the page has it made: beside other programs it takes many
times as long, so it comes last.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright
from record import machine_in_words, table, write_section
from test_support import CHROMIUM, FLAGS, Server, write_run

from workbench.data.samples import Sample
from workbench.inspection.maps import map_file, read_map, umap_in_background
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.projection.projection import pca
from workbench.retrieval.projection.trust import trust
from workbench.runs import checkpoints
from workbench.runs.environment import machine

PLOT = "document.querySelector('#map .wb-map-plot')"
DRAWN = f"() => {PLOT}?.data?.some(trace => trace.type === 'scattergl')"
PIXEL = f"""() => {{
  const plot = {PLOT}, {{xaxis, yaxis, _size}} = plot._fullLayout, trace = plot.data.at(-1);
  const {{left, top}} = plot.getBoundingClientRect();
  return [left + _size.l + xaxis.l2p(trace.x[0]), top + _size.t + yaxis.l2p(trace.y[0])];
}}"""


# Milliseconds between one picture of the screen and the next.
WATCH_FRAMES = """() => {
  window.frameGaps = [];
  let last = null;
  const look = (now) => {
    if (last !== null) window.frameGaps?.push(now - last);
    last = now;
    if (window.frameGaps) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
TAKE_FRAMES = "() => { const found = window.frameGaps; window.frameGaps = null; return found; }"
MOVES = 60


def people(count, dim, seed=0):
    """Images of about fifteen each, and their vectors."""
    generator = np.random.default_rng(seed)
    identities = 1 + np.arange(count) % max(1, count // 15)
    centres = generator.normal(size=(identities.max() + 1, dim))
    vectors = centres[identities] + 0.8 * generator.normal(size=(count, dim))
    images = [
        Sample(f"{number % 100}.png", int(identity), 1 + number % 6)
        for number, identity in enumerate(identities)
    ]
    return vectors.astype(np.float32), images


def write_embedded_run(folder, count, dim):
    run = write_run()
    vectors, images = people(count, dim)
    for shade in range(100):
        Image.new("RGB", (64, 128), (2 * shade, 80, 200 - shade)).save(folder / f"{shade}.png")
    queries = count // 10
    Embeddings(
        vectors[:queries],
        vectors[queries:],
        tuple(images[:queries]),
        tuple(images[queries:]),
        folder,
    ).save(run.embeddings / f"{checkpoints.last_name(run)}-averaged")
    return run


def seconds(work):
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 3)


def library(count, dim):
    vectors, _ = people(count, dim)
    points = pca(vectors)
    return {
        "points": count,
        "dim": dim,
        "pca_s": seconds(lambda: pca(vectors)),
        "trust_s": seconds(lambda: trust(vectors, points)),
    }


def umap(run, count):
    """A whole task: its process, loading, compiling, placing, judging."""
    began = time.perf_counter()
    process = umap_in_background(run)
    process.wait()
    umap_map = read_map(map_file(run, "umap", f"{checkpoints.last_name(run)}-averaged"))
    if umap_map is None:
        raise SystemExit("the UMAP was not made: see cache/*.log of the run")
    return {
        "points": count,
        "umap_task_s": round(time.perf_counter() - began, 1),
        "umap_trust": round(umap_map.trust, 3),
        "chance": round(umap_map.chance, 4),
    }


def page(server, browser, run, count):
    """From the address to the first picture, a click to its query, and what the hand feels."""
    address = f"{server.url}api/runs/{run.id}/maps/averaged"
    points_seconds = seconds(
        lambda: urllib.request.urlopen(f"{address}/pca/points", timeout=600).read()
    )
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.set_default_timeout(300_000)
    began = time.perf_counter()
    tab.goto(f"{server.url}?tab=map&run={run.id}")
    tab.wait_for_function(DRAWN)
    first = time.perf_counter() - began
    # With script and page loaded: another colour is a whole new picture.
    again = seconds(
        lambda: (
            tab.get_by_label("Coloured by").select_option("split"),
            tab.wait_for_function(f"() => {PLOT}.data.length === 2"),
        )
    )
    tab.locator("#map dl dd").first.filter(has_text="%").wait_for()
    judged = time.perf_counter() - began
    pixel = tab.evaluate(PIXEL)
    began = time.perf_counter()
    tab.mouse.click(*pixel)
    tab.locator("#map .wb-map-card").get_by_role("heading").first.wait_for()
    selected = time.perf_counter() - began
    tab.get_by_role("button", name="Show its ranking").click()
    tab.locator("#rankings .wb-query h2").wait_for()
    ranked = time.perf_counter() - began
    tab.get_by_role("tab", name="Map").click()
    tab.wait_for_selector("#map .wb-map-plot .main-svg")
    hand = {**hover(tab), **lasso(tab)}
    tab.close()
    return {
        "points": count,
        "server_points_s": points_seconds,
        "address_to_picture_s": round(first, 2),
        "new_colours_s": again,
        "address_to_trust_s": round(judged, 2),
        **hand,
        "click_to_card_s": round(selected, 2),
        "click_to_ranking_s": round(ranked, 2),
    }


def hover(tab):
    """The pointer is led across the map, a hundred places a second."""
    box = tab.locator("#map .wb-map-plot").bounding_box()
    tab.evaluate(WATCH_FRAMES)
    for move in range(MOVES):
        across = (0.1 + 0.8 * move / MOVES) * box["width"]
        tab.mouse.move(box["x"] + across, box["y"] + (0.3 + 0.4 * move / MOVES) * box["height"])
        tab.wait_for_timeout(10)
    return gaps("hover", tab.evaluate(TAKE_FRAMES))


def lasso(tab):
    """A circle is drawn around half of the map; then its images are listed."""
    tab.locator("#map").get_by_role("button", name="Lasso", exact=True).click()
    box = tab.locator("#map .wb-map-plot").bounding_box()
    angles = np.linspace(0, 2 * np.pi, MOVES)
    ring = [
        (box["x"] + (0.5 + 0.3 * x) * box["width"], box["y"] + (0.5 + 0.4 * y) * box["height"])
        for x, y in zip(np.cos(angles).tolist(), np.sin(angles).tolist(), strict=True)
    ]
    tab.mouse.move(*ring[0])
    tab.evaluate(WATCH_FRAMES)
    tab.mouse.down()
    for point in ring:
        tab.mouse.move(*point)
        tab.wait_for_timeout(10)
    frames = tab.evaluate(TAKE_FRAMES)
    began = time.perf_counter()
    tab.mouse.up()
    tab.locator("#map .wb-map-grid img").first.wait_for()
    listed = round(time.perf_counter() - began, 2)
    return {**gaps("lasso", frames), "lasso_to_list_s": listed}


def gaps(name, frames):
    """Frames that were drawn meanwhile: median and largest distance in milliseconds."""
    return {
        f"{name}_frame_median_ms": round(statistics.median(frames)),
        f"{name}_frame_largest_ms": round(max(frames)),
    }


def written(results, document):
    """All measurements as a table."""
    about = ("points", "dim")
    rows = [
        (
            f"{name.rsplit('_', 1)[0].replace('_', ' ')}, {result['points']:,} points",
            f"{value} {unit_of(name)}".strip(),
        )
        for result in results
        for name, value in result.items()
        if name not in about
    ]
    intro = (
        "`benchmarks/maps.py`: drawn vectors, a tenth of them queries. Frames are the distances"
        " between two pictures of the screen while the pointer moves or draws a lasso; the browser"
        " draws with the processor."
    )
    write_section(document, "Maps", machine_in_words(), intro, table(("what", "measured"), rows))


def unit_of(name):
    return {"s": "s", "ms": "ms"}.get(name.rsplit("_", 1)[-1], "")


def report(**values):
    print(json.dumps(values), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[2000, 20_000])
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--umap", type=int, nargs="*", help="points of each UMAP (as --sizes)")
    parser.add_argument("--page", type=int, default=20_000, help="points of the map in the browser")
    parser.add_argument("--out", type=Path, help="document to write the table into")
    options = parser.parse_args()
    mapped = options.sizes if options.umap is None else options.umap
    results = []

    def measured(what, work, *arguments):
        print(what, file=sys.stderr, flush=True)
        results.append(work(*arguments))
        report(**results[-1])

    report(machine=machine())
    for count in options.sizes:
        measured(f"PCA and trust of {count:,} points", library, count, options.dim)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        server = Server(Path(name))
        os.environ["WORKBENCH_RUNS"] = str(server.runs)
        runs = {
            count: write_embedded_run(Path(name), count, options.dim)
            for count in sorted({*mapped, options.page})
        }
        server.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        run = runs[options.page]
        what = f"the page with {options.page:,} points"
        measured(what, page, server, browser, run, options.page)
        browser.close()
        server.stop()
        for count in mapped:
            measured(f"the UMAP of {count:,} points", umap, runs[count], count)
    if options.out:
        written(results, options.out)


if __name__ == "__main__":
    main()

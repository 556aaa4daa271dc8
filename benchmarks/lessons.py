"""How fluent lessons and notebooks are: frames a second, moves to new figures, events to curves.

    .venv/bin/python benchmarks/lessons.py
    .venv/bin/python benchmarks/lessons.py --seconds 20 --out benchmarks/README.md

For each loss of "Losses you can pull": new frames a second, after the first ones have come; the
first press of Play to the first frame includes loading PyTorch. Of the list builder of "What the
figures mean": a press of a card's arrow to the new figures. Of a CurvesPanel in JupyterLab: from an
event's own time, in a log that this script writes, to the animation frame in which the curve holds
it. Prints one JSON object a measurement and one for the machine; ``--out`` also writes them as the
section "Lessons" of a document. Folders are temporary.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from playwright.sync_api import sync_playwright
from record import machine_in_words, table, write_section
from test_support import CHROMIUM, FLAGS, Server

from tests.browser.jupyter import Lab, open_notebook, run_all
from tests.ui.by_hand import step_record, write_run
from tests.ui.live import training
from workbench.lessons.settings import LossName
from workbench.runs.environment import machine
from workbench.runs.log import EventLog

COUNT = "() => Number(document.querySelector('#learn .wb-lesson-parts')?.dataset.frames || 0)"
PARTS = "document.querySelector('#learn .wb-lesson-parts')"
BEFORE_SECONDS = 3
MOVES = 20
EVENTS = 40
PAUSE_SECONDS = 0.37
"""Between events: no multiple of the panel's own half second."""
HELD = "document.querySelector('.wb-curves')?.series?.series?.loss?.step || []"
WATCH = f"""() => {{
  const seen = (window.seenSteps = []);
  const look = () => {{
    const step = ({HELD}).at(-1);
    if (step && seen.at(-1)?.[0] !== step) seen.push([step, Date.now()]);
    requestAnimationFrame(look);
  }};
  look();
}}"""


def opened(page, server, query, choice):
    page.goto(f"{server.url}?tab=learn&{query}")
    page.locator("#learn").get_by_text(choice).click()
    page.locator("#learn").get_by_role("button", name="Answer").click()
    page.locator("#learn .wb-lesson-interactive").wait_for()


def frames(page, server, loss, seconds):
    page.evaluate("localStorage.clear()")
    opened(page, server, f"lesson=losses&setting=loss:{loss}", "The hardest ones")
    began = time.perf_counter()
    page.locator("#learn").get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(f"() => ({COUNT})() > 0")
    first = time.perf_counter() - began
    page.wait_for_timeout(1000 * BEFORE_SECONDS)
    before, began = page.evaluate(COUNT), time.perf_counter()
    page.wait_for_timeout(1000 * seconds)
    played = page.evaluate(COUNT) - before
    return {
        "loss": loss,
        "play_to_first_frame_s": round(first, 2),
        "frames_per_second": round(played / (time.perf_counter() - began), 1),
    }


def moves(page, server):
    page.evaluate("localStorage.clear()")
    opened(page, server, "lesson=figures&setting=cards:wwwwwwwwwm", "Neither")
    page.wait_for_function(f"() => {PARTS}.dataset.cards === 'wwwwwwwwwm'")
    card = page.locator("#learn .wb-learn-card.wb-match")
    milliseconds = []
    for move in range(MOVES):
        way = "left" if move % 2 == 0 else "right"
        cards = page.evaluate(f"() => {PARTS}.dataset.cards")
        began = time.perf_counter()
        card.get_by_role("button", name=f"Move {way}").click()
        page.wait_for_function(f"cards => {PARTS}.dataset.cards !== cards", arg=cards)
        milliseconds.append(1000 * (time.perf_counter() - began))
    return {
        "moves": MOVES,
        "move_to_figures_median_ms": round(statistics.median(milliseconds)),
        "move_to_figures_largest_ms": round(max(milliseconds)),
    }


def followed(browser, folder):
    """Seconds from events to a curve in a notebook."""
    os.environ["WORKBENCH_RUNS"] = str(folder / "runs")
    run = write_run(overrides={"run.name": "live"}, state="running", until=5)
    lab = Lab(folder)
    lab.notebooks.mkdir(parents=True)
    cell = "from workbench.ui.notebook import CurvesPanel\nCurvesPanel('live')"
    lab.write("follow", cell)
    lab.start()
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(600_000)
    try:
        open_notebook(SimpleNamespace(page=page, server=lab), "follow")
        run_all(page)
        page.wait_for_function(f"() => ({HELD}).at(-1) === 5")
        page.evaluate(WATCH)
        log, event_times = EventLog(run.events_file), {}
        with training(run):
            for step in range(6, 6 + EVENTS):
                event_times[step] = time.time()
                log.append(step_record(step) | {"time": event_times[step]})
                time.sleep(PAUSE_SECONDS)
            page.wait_for_function(f"() => ({HELD}).at(-1) === {5 + EVENTS}")
        seen = page.evaluate("seenSteps")
    finally:
        page.close()
        lab.stop()
    # Several events may come to the curve at once: the first frame that held one or a later one.
    delays = [
        next(at for last, at in seen if last >= step) / 1000 - event_times[step]
        for step in event_times
    ]
    return {
        "events": EVENTS,
        "event_to_curve_median_s": round(statistics.median(delays), 2),
        "event_to_curve_largest_s": round(max(delays), 2),
    }


def write(document, played, moved, curve):
    rows = [
        (result["loss"], result["play_to_first_frame_s"], result["frames_per_second"])
        for result in played
    ]
    write_section(
        document,
        "Lessons",
        "A press of Play to the first frame (of the first loss with PyTorch being loaded), then new"
        " frames a second in a browser on the same machine (`benchmarks/lessons.py`).",
        table(("Loss", "Play to first frame, s", "Frames a second"), rows),
        f"A card that is moved has its new figures after {moved['move_to_figures_median_ms']} ms"
        f" (median of {moved['moves']}, largest {moved['move_to_figures_largest_ms']} ms).",
        f"In JupyterLab an event is in the curve after {curve['event_to_curve_median_s']} s (median"
        f" of {curve['events']}, largest {curve['event_to_curve_largest_s']} s).",
        machine_in_words(),
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=10, help="of measured play for each loss")
    parser.add_argument("--out", type=Path, help="document whose section Lessons is replaced")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder)).start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(600_000)
            page.goto(server.url)
            played = [frames(page, server, loss, options.seconds) for loss in LossName.__args__]
            moved = moves(page, server)
            page.close()
            server.stop()
            curve = followed(browser, Path(folder) / "lab")
        finally:
            browser.close()
            if server.process.poll() is None:
                server.stop()
    for result in (*played, moved, curve, machine()):
        print(json.dumps(result))
    if options.out:
        write(options.out, played, moved, curve)


if __name__ == "__main__":
    main()

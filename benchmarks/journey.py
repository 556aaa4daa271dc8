"""The first journey, timed: server to page, Start to curve, and a whole `playground/quick`.

    .venv/bin/python benchmarks/journey.py --seeds 0 1 2            # a browser follows
    .venv/bin/python benchmarks/journey.py --seeds 0 1 2 --closed   # the page is closed after Start

Prints one JSON object a run and one for the machine. Folders are temporary; nothing is kept.
"""

import argparse
import json
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import sync_playwright
from test_support import CHROMIUM, FLAGS, Server

from workbench.runs.environment import machine
from workbench.runs.folder import RunFolder
from workbench.runs.log import read_events

WATCH = """() => {
  const seen = []; window.seenSteps = seen;
  const look = () => {
    const held = document.querySelector('#monitor .wb-curves')?.series?.series?.loss?.step || [];
    const last = held[held.length - 1];
    if (last && (!seen.length || seen[seen.length - 1][0] !== last)) seen.push([last, Date.now()]);
    requestAnimationFrame(look);
  };
  look();
}"""


class Processor(threading.Thread):
    """CPU seconds and wall seconds of one process, sampled until it ends."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.seconds, self.began = pid, 0.0, time.monotonic()
        self.ended = self.began
        self.start()

    def run(self):
        ticks = os.sysconf("SC_CLK_TCK")
        while True:
            try:
                stat = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                return
            self.seconds = (int(stat[11]) + int(stat[12])) / ticks
            self.ended = time.monotonic()
            time.sleep(0.2)


def wait_until(fact, seconds=900.0):
    until = time.monotonic() + seconds
    while not (value := fact()):
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.05)
    return value


def the_run(server):
    folders = list(server.runs.glob("[0-9]*")) if server.runs.is_dir() else []
    return RunFolder(folders[0]) if folders else None


def events_of(run, kind):
    return [event for event in read_events(run.events_file)[0] if event["kind"] == kind]


def start_by_hand(page, seed):
    """Choose the seed and press Start; returns when it was pressed."""
    if seed:
        page.fill('#editor input[aria-label="Search settings"]', "training.seed")
        control = page.locator('#editor [data-path="training.seed"] input').first
        control.fill(str(seed))
        control.press("Enter")
        page.wait_for_selector('#editor .wb-changed[data-path="training.seed"]', state="attached")
    pressed = time.time()
    page.locator("#monitor").get_by_role("button", name="Start").click()
    return pressed


def latencies(page, run):
    """Seconds from an event's own time to the frame in which the curve held it."""
    event_times = {event["step"]: event["time"] for event in events_of(run, "step")}
    seen = page.evaluate("window.seenSteps")
    return [at / 1000 - event_times[step] for step, at in seen if step in event_times]


def journey(browser, folder, seed, closed):
    server = Server(folder)
    begun = time.monotonic()
    server.start()
    to_server = time.monotonic() - begun
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(120_000)
    begun = time.monotonic()
    page.goto(server.url)
    page.wait_for_selector("#editor .wb-field", state="attached")
    to_page = time.monotonic() - begun
    page.evaluate(WATCH)
    pressed = start_by_hand(page, seed)
    run = wait_until(lambda: the_run(server))
    wait_until(lambda: run.status().pid)
    worker = Processor(run.status().pid)
    if closed:
        page.close()
    first = wait_until(lambda: events_of(run, "step"))[0]
    serving = Processor(server.process.pid)
    before, at = serving.seconds, time.monotonic()
    wait_until(lambda: not run.status().alive)
    last = events_of(run, "step")[-1]
    result = {
        "seed": seed,
        "followed": not closed,
        "server_to_first_page_s": round(to_server, 1),
        "page_ready_s": round(to_page, 1),
        "start_to_first_point_s": round(first["time"] - pressed, 1),
        "training_s": round(last["time"] - first["time"], 1),
        "start_to_finished_s": round(run.status().ended - pressed, 1),
        "worker_cpu_s": round(worker.seconds, 1),
        "threads": run.status().threads,
        "precision": run.status().precision,
        "server_cpu_percent": round(100 * (serving.seconds - before) / (time.monotonic() - at), 1),
        "metrics": run.status().metrics,
    }
    if not closed:
        delays = latencies(page, run)
        result["event_to_curve_median_s"] = round(statistics.median(delays), 2)
        result["event_to_curve_max_s"] = round(max(delays), 2)
        page.close()
    server.stop()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--closed", action="store_true")
    options = parser.parse_args()
    print(json.dumps({"machine": machine()}), flush=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as folder:
                print(json.dumps(journey(browser, Path(folder), seed, options.closed)), flush=True)
        browser.close()


if __name__ == "__main__":
    main()

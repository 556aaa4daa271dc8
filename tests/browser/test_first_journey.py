"""From nothing to ranked lists, across a reload and the death of the server."""

import os
import re
import signal

import pytest

from tests.browser.acts import (
    TINY,
    drawn,
    has_no_gap,
    set_field,
    steps,
    wait_for_state,
    wait_for_steps,
)
from tests.browser.conftest import SERVER_GONE
from workbench.runs.folder import RunFolder

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]

MARKS = """() => [...document.querySelectorAll('#monitor [data-chart="retrieval"] .trace')]
  .map(one => one.querySelectorAll('.points path').length)"""
"""How many points are drawn of each figure."""


def only_run(server):
    return RunFolder(next(path for path in server.runs.iterdir() if path.name[0] != "."))


def test_first_journey(server, visit, shoot):
    server.start()
    visitor = visit(server, allowed=SERVER_GONE)
    page = visitor.open()
    page.get_by_role("heading", name="Nothing trained yet").wait_for()
    shoot(page, "journey_1_nothing_trained")
    assert page.locator('input[value="playground/quick"]').is_checked()
    for path, value in TINY.items():
        set_field(page, path, value)
    set_field(page, "training.length.count", "300")
    set_field(page, "training.evaluate.count", "100")
    page.locator("#monitor").get_by_role("button", name="Start").click()
    wait_for_state(page, "queued", "starting", "running")
    wait_for_steps(page, 5)
    drawn(page)
    shoot(page, "journey_2_running")

    # Leaving and coming back: the curve is all there.
    before = len(steps(page))
    page.reload()
    wait_for_steps(page, before)
    assert has_no_gap(steps(page))

    # The server dies; the run does not. The open page finds its way back by itself.
    server.kill()
    page.get_by_text("The page's server does not answer").wait_for()
    before = len(steps(page))
    server.start()
    wait_for_steps(page, min(before + 20, 300))
    assert has_no_gap(steps(page))
    page.get_by_text("The page's server does not answer").wait_for(state="detached")

    wait_for_state(page, "finished")
    wait_for_steps(page, 300)
    wait_for_steps(page, 4, "raw.mAP")
    assert steps(page) == list(range(1, 301))
    assert steps(page, "raw.mAP") == [0, 100, 200, 300]
    page.wait_for_function(f"() => Math.max(...({MARKS})()) === 4")
    shoot(page, "journey_3_finished", whole=True)

    page.get_by_role("button", name="See what it ranks").click()
    page.wait_for_selector("#rankings .wb-tile img")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#rankings .wb-tile img')].slice(0, 6)"
        ".every(one => one.complete && one.naturalWidth > 0)"
    )
    shoot(page, "journey_4_rankings")
    assert "tab=rankings" in page.url
    assert only_run(server).id in page.url


def test_stop_resume_and_a_killed_worker(server, visit, shoot):
    server.start()
    page = visit(server).open()
    for path, value in TINY.items():
        set_field(page, path, value)
    set_field(page, "training.length.count", "100000")
    set_field(page, "training.checkpoints.every.count", "50")
    set_field(page, "training.evaluate.kind", "never")
    page.locator("#editor").get_by_role("button", name="Start").click()
    wait_for_steps(page, 60)
    page.locator("#monitor").get_by_role("button", name="Stop").click()
    wait_for_state(page, "stopped")
    stopped_at = only_run(server).status().step
    assert page.get_by_text(f"Stopped at step {stopped_at}").is_visible()

    page.locator("#monitor").get_by_role("button", name="Resume").click()
    wait_for_steps(page, stopped_at + 60)
    assert has_no_gap(steps(page))

    os.kill(only_run(server).status().pid, signal.SIGKILL)
    wait_for_state(page, "lost")
    shoot(page, "lost_run")
    told = page.locator("#monitor .wb-words").inner_text()
    assert re.search(r"The last checkpoint is of step \d+: Resume goes on from there\.", told)
    page.locator("#monitor").get_by_role("button", name="Resume").click()
    wait_for_state(page, "running")
    page.wait_for_function(
        "at => document.querySelector('#monitor .wb-curves').series.latest > at",
        arg=stopped_at + 80,
    )
    assert has_no_gap(steps(page))

    # Another page over the same runs follows it too, and can stop it.
    other = visit(server).open()
    wait_for_state(other, "running")
    other.locator("#monitor").get_by_role("button", name="Stop").click()
    wait_for_state(other, "stopped")
    wait_for_state(page, "stopped")

    # A stopped run has a checkpoint and no embeddings yet: they are made on request.
    page.get_by_role("button", name="See what it ranks").click()
    page.get_by_role("button", name="Embed now").click()
    page.wait_for_selector("#rankings .wb-tile img")

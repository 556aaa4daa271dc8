"""Runs that version 0.1 finished, opened in every tab."""

import pytest

from tests.browser.conftest import Server
from tests.first_runs import CAMERAS, FOLDER, copy_first_runs

pytestmark = pytest.mark.browser

SHOWN = {
    "train": "Finished: raw mAP 48.2 %",
    "runs": "cameras",
    "rankings": "Identity 5, camera 2.",
    "parts": "match, identity 5, camera 3.",
    "map": "26 images (8 queries, 18 of the gallery)",
}
"""A sentence of each tab that says what the run is of."""
BODY_HAS = "text => document.body.innerText.includes(text)"


def test_every_tab_opens_them(tmp_path, visit):
    copy_first_runs(tmp_path / "runs", tmp_path / "datasets")
    server = Server(tmp_path).start()
    try:
        page = visit(server).open(f"?tab=runs&run={CAMERAS}")
        for tab, text in SHOWN.items():
            page.goto(f"{server.url}?tab={tab}&run={CAMERAS}&weights=raw&query=1&hit=4")
            page.wait_for_function(BODY_HAS, arg=text)
        page.goto(f"{server.url}?tab=rankings&run={FOLDER}&query=1")
        page.wait_for_function(BODY_HAS, arg="Identity 6, camera unknown.")
    finally:
        server.stop()

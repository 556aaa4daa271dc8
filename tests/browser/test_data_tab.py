"""Data sets small enough to count, in the page."""

import os
import shutil

import pytest

from tests.browser.acts import faint, nameless
from tests.browser.conftest import Server
from tests.ui import data_by_hand
from workbench import paths
from workbench.data.catalogue.counts import counts
from workbench.data.catalogue.local_datasets import find, read

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A server over a folder of data sets, and what the library counts in one of them."""
    folder = tmp_path_factory.mktemp("shelf")
    made = Server(folder)
    before = os.environ.get("WORKBENCH_DATASETS")
    os.environ["WORKBENCH_DATASETS"] = str(folder / "datasets")
    try:
        data_by_hand.market()
        data_by_hand.playground()
        friends = data_by_hand.people()
        (friends / "anna" / "0.png").write_bytes(b"no image")
        (paths.datasets_folder() / "empty").mkdir()
        made.counts = counts(read(find("market1501")))
    finally:
        os.environ.pop("WORKBENCH_DATASETS")
        if before is not None:
            os.environ["WORKBENCH_DATASETS"] = before
    yield made.start()
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


def choose(page, key, title):
    page.locator(f'#data [data-key="{key}"]').click()
    page.locator("#data").get_by_role("heading", name=title, exact=True).wait_for()


def test_the_data_of_this_machine(shelf, visit, shoot):
    # The browser itself writes a refused request into its console.
    page = visit(shelf, allowed=("status of 409",)).open("?tab=data&dataset=market1501&identity=4")
    data = page.locator("#data")

    # The link opens the person; numbers are those of the library.
    data.get_by_text("1 image of 1 identity by 1 camera.").wait_for()
    assert data.get_by_label("Part", exact=True).input_value() == "query"
    shown = dict(data.locator(".wb-data-table").first.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [row.cells[0].textContent, row.cells[1].textContent])"
    ))  # fmt: skip
    wanted = {n.replace("_", " ").capitalize(): f"{c:,}" for n, c in shelf.counts.items() if c}
    assert shown == wanted
    assert data.locator(".wb-camera-table tbody tr").count() == shelf.counts["cameras"]
    assert data.locator(".wb-camera-table tbody tr").first.inner_text().split() == list("1426")

    # By part, camera and person, and one image large.
    data.get_by_label("Identity", exact=True).fill("")
    page.keyboard.press("Enter")
    data.get_by_label("Part", exact=True).select_option("gallery")
    data.get_by_label("Camera", exact=True).select_option("3")
    data.get_by_text("2 images of 1 identity by 1 camera, junk among them.").wait_for()
    page.wait_for_function(
        "() => [...document.querySelectorAll('#data .wb-shot img')].every(one => one.naturalWidth)"
    )
    data.locator(".wb-shot").first.click()
    page.get_by_role("dialog").get_by_text("12 x 24 pixels.").wait_for()
    page.keyboard.press("Escape")
    data.get_by_role("button", name="Identity 1", exact=True).click()
    page.wait_for_function("() => location.search.includes('identity=1')")
    shoot(page, "data_market1501", whole=True)

    # A check finds the broken image and says how to cure it; the result is kept.
    choose(page, "folder/friends", "friends")
    data.get_by_role("button", name="Check every image").click()
    data.locator(".wb-finding-error").get_by_text("Replace it or remove it.").wait_for()
    assert data.get_by_text("not usable as it is, 1 error").is_visible()
    shoot(page, "data_checked", whole=True)
    assert faint(page, "#data") == []
    choose(page, "folder/empty", "empty")
    data.get_by_text("has no images in sub-folders").first.wait_for()
    choose(page, "folder/friends", "friends")
    data.get_by_role("button", name="Check again").wait_for()

    # Deleted while it is shown.
    shutil.rmtree(shelf.folder / "datasets" / "empty")
    choose(page, "folder/empty", "Not found")
    data.get_by_text("it was removed or renamed").wait_for()
    page.wait_for_selector('#data [data-key="folder/empty"]', state="detached")

    # Train on this leads to a filled form.
    choose(page, "folder/friends", "friends")
    data.get_by_role("button", name="Train on this").click()
    page.wait_for_selector('#editor .wb-changed[data-path="data.root"]', state="attached")
    page.wait_for_function(
        "() => document.querySelector('input[value=\"baseline/folder\"]')?.checked"
    )
    assert page.locator('#editor [data-path="data.root"] input').input_value() == "friends"
    assert page.get_by_role("tab", name="Train").get_attribute("aria-selected") == "true"


def test_a_playground_is_drawn_from_generated_controls(shelf, visit, shoot):
    page = visit(shelf).open("?tab=data")
    data = page.locator("#data")
    data.get_by_role("heading", name="Playground: 4 + 2 people").wait_for()
    page.locator('#data [data-key="add"]').click()
    command = data.get_by_label("Command that trains on it").inner_text()
    assert command == "workbench train baseline/folder --set data.root=my_people"
    page.locator('#data [data-key="draw"]').click()
    for name, value in (("train identities", "5"), ("test identities", "2")):
        data.get_by_label(name, exact=False).first.fill(value)
        page.keyboard.press("Enter")
        page.wait_for_selector(f'#data .wb-changed[data-path$="{name.replace(" ", "_")}"]')
    data.get_by_role("button", name="Draw", exact=True).click()
    data.get_by_text("All 2 counts are those asked for.").wait_for()
    assert data.get_by_role("heading", name="Playground: 5 + 2 people").is_visible()
    assert nameless(page, "#data") == []
    assert faint(page, "#data") == []


def test_a_miniature_is_drawn_and_looked_at(shelf, visit, shoot):
    page = visit(shelf).open("?tab=data&dataset=miniatures/veri776")
    data = page.locator("#data")
    data.get_by_text("This miniature is not drawn yet.").wait_for()
    data.get_by_role("button", name="Draw it now").click()
    data.get_by_text("A miniature to try things on").wait_for()
    page.wait_for_selector("#data .wb-shot img")
    shoot(page, "data_miniature", whole=True)


def test_phone_dark_and_contrast(shelf, visit, shoot):
    page = visit(shelf, width=420, dark=True).open("?tab=data&dataset=market1501")
    page.wait_for_selector("#data .wb-shot img")
    shoot(page, "phone_dark_data", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert nameless(page, "#data") == []
    assert faint(page, "#data") == []

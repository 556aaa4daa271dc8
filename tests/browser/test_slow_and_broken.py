"""Answers that come late or in another order, and single files that nobody can read."""

import shutil
import time

import pytest

from tests.browser.conftest import Server
from tests.first_runs import CAMERAS, FOLDER, copy_first_runs
from workbench.paths import recipes_folder

pytestmark = pytest.mark.browser

QUERIES = "**/queries?*"
THUMBS = "#rankings .wb-strip .wb-thumb"


@pytest.fixture
def server(tmp_path, monkeypatch):
    shutil.copytree(recipes_folder(), tmp_path / "recipes")
    (tmp_path / "recipes" / "mine").mkdir()
    (tmp_path / "recipes" / "mine" / "broken.yaml").write_text("base: playground/quick\nhight: 3\n")
    monkeypatch.setenv("WORKBENCH_RECIPES", str(tmp_path / "recipes"))
    copy_first_runs(tmp_path / "runs", tmp_path / "datasets")
    (tmp_path / "runs" / FOLDER / "labels.yaml").write_text("name: [1, 2]\ntags: 7\n")
    made = Server(tmp_path).start()
    yield made
    made.stop()


def test_a_late_answer_does_not_take_the_place_of_a_newer_one(server, visit):
    page = visit(server).open(f"?tab=rankings&run={CAMERAS}&weights=raw&query=1")
    page.wait_for_selector(THUMBS)
    late = []

    def hold_the_random_order(route):
        if "order=random" in route.request.url:
            late.append(route)
        else:
            route.continue_()

    page.route(QUERIES, hold_the_random_order)
    order = page.get_by_label("Order of the queries")
    order.select_option("random")
    order.select_option("id")
    page.wait_for_function(
        f"() => document.querySelector('{THUMBS}')?.getAttribute('data-index') === '0'"
    )
    wanted = page.locator(THUMBS).evaluate_all("all => all.map(one => one.dataset.index)")
    with page.expect_response(QUERIES):
        late[0].continue_()
    page.wait_for_timeout(300)
    assert page.locator(THUMBS).evaluate_all("all => all.map(one => one.dataset.index)") == wanted


def test_a_link_to_a_query_opens_it_also_where_the_list_is_slow(server, visit):
    watched = visit(server)
    asked = []
    watched.page.on("request", lambda request: asked.append(request.url))

    def slowly(route):
        time.sleep(1.5)
        route.continue_()

    watched.page.route(QUERIES, slowly)
    page = watched.open(f"?tab=rankings&run={CAMERAS}&weights=raw&query=3")
    page.wait_for_load_state()
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.locator("#rankings .wb-query").get_by_role("heading", name="Query 3").wait_for()
    page.wait_for_selector(THUMBS)
    assert not [url for url in asked if "null" in url or "undefined" in url]
    assert "query=3" in page.url


def test_what_cannot_be_read_is_a_line_with_the_reason_and_hides_nothing(server, visit):
    page = visit(server).open("?tab=train")
    card = page.locator('[data-preset="mine/broken"]')
    card.get_by_text("Unreadable:").wait_for(state="attached")
    assert "hight" in card.text_content()
    assert card.locator("input").is_disabled()
    assert page.locator('[data-preset="playground/quick"] input').is_enabled()
    page.goto(f"{server.url}?tab=runs")
    rows = page.locator("#runs tbody tr")
    broken = rows.filter(has_text="Unreadable:")
    broken.wait_for()
    assert broken.count() == 1
    assert "labels.yaml" in broken.inner_text()
    assert rows.count() == 2
    assert "51.6 %" in rows.filter(has_text="cameras").inner_text()

"""Ranked lists over embeddings written by hand."""

import pytest

from tests.browser.acts import faint, nameless, put_away, unfold
from tests.browser.conftest import GONE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]


@pytest.fixture
def page(prepared, visit):
    page = visit(prepared).open("?tab=rankings")
    page.wait_for_selector("#rankings .wb-tile")
    return page


def tiles(page):
    return page.locator("#rankings .wb-tile")


def heading(page, text):
    page.locator("#rankings .wb-query").get_by_role("heading", name=text).wait_for()


def test_verdicts_differ_by_sign_word_and_border(page, shoot):
    heading(page, "Query 0")
    seen = tiles(page).evaluate_all(
        "all => all.map(one => [one.className.split('wb-').pop(),"
        " one.querySelector('.wb-verdict').textContent, getComputedStyle(one).borderTopStyle])"
    )
    assert ["match", "✓ match", "solid"] in seen
    assert ["wrong", "✕ wrong", "dashed"] in seen
    assert ["distractor", "○ distractor", "dotted"] in seen
    assert ["excluded", "left out", "solid"] in seen
    assert page.get_by_text("same identity, same camera").count()
    shoot(page, "rankings")


def test_the_worst_query_comes_first_with_its_figures(page):
    heading(page, "Query 0")
    assert page.locator("#rankings .wb-ap").inner_text().split("\n")[:2] == [
        "Average precision",
        "50.0 %",
    ]
    page.wait_for_selector("#rankings .wb-chart .js-line", state="attached")
    unfold(page, "The curve as a table")
    rows = page.locator("#rankings .wb-ap ~ details tbody tr")
    assert [row.split() for row in rows.all_inner_texts()] == [
        ["0.0", "%", "50.0", "%"],
        ["100.0", "%", "50.0", "%"],
    ]
    assert faint(page, "#rankings") == []
    page.get_by_label("Order of the queries").select_option("id")
    page.get_by_label("Show queries of this identity").fill("2")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('#rankings .wb-thumb').length === 1")
    page.locator("#rankings .wb-thumb").click()
    heading(page, "Query 1")


def test_any_image_becomes_the_query_with_a_way_back(page):
    heading(page, "Query 0")
    tile = page.locator("#rankings .wb-tile.wb-match")
    tile.focus()
    page.keyboard.press("Enter")
    heading(page, "Gallery image 1 as query")
    assert page.locator("#rankings .wb-crumb").count() == 1
    page.get_by_role("button", name="Back to the query before").click()
    heading(page, "Query 0")
    assert page.locator("#rankings .wb-crumb").count() == 0


def test_a_link_opens_what_was_seen(page, visit, prepared):
    page.locator("#rankings").get_by_label("Length of the list").select_option("5")
    page.locator("#rankings").get_by_label("Weights", exact=True).select_option(
        label="raw weights, step 400"
    )
    page.wait_for_function("() => location.search.includes('-raw')")
    page.locator("#rankings .wb-thumb").nth(1).click()
    page.wait_for_function("() => location.search.includes('query=1')")
    query = page.evaluate("location.search")
    other = visit(prepared).open(query)
    heading(other, "Query 1")
    assert other.locator("#rankings").get_by_label("Length of the list").input_value() == "5"
    assert (
        other.locator("#rankings").get_by_label("Weights", exact=True).input_value()
        == "step_00000400-raw"
    )


def test_a_run_without_embeddings_offers_to_make_them(page):
    page.locator("#rankings").get_by_label("Run", exact=True).select_option(label="double rate")
    page.get_by_text("These weights have no embeddings yet").wait_for()
    assert page.get_by_role("button", name="Embed now").is_visible()


def test_images_that_are_gone_leave_the_list(prepared, visit, shoot):
    with put_away(prepared.folder / "images"):
        page = visit(prepared, allowed=("status of 409",)).open("?tab=rankings")
        page.get_by_text("Images are no longer on the disk: the list stays").wait_for()
        assert tiles(page).count() > 0
        page.locator("#rankings .wb-tile .wb-gone").first.wait_for()
        shoot(page, "rankings_gone")
        # What is not there is a sentence in place of a list, and any query can be chosen.
        page.goto(f"{prepared.url}?tab=rankings&query=999")
        page.get_by_role("status").get_by_text("There is no query 999").wait_for()
        page.locator("#rankings .wb-query").wait_for(state="hidden")
        page.locator("#rankings .wb-strip .wb-thumb").first.click()
        heading(page, "Query 0")


def test_a_run_that_is_deleted_while_it_is_shown_is_told_of(prepared, visit):
    page = visit(prepared, allowed=GONE).open("?tab=rankings")
    heading(page, "Query 0")
    run = page.locator("#rankings").get_by_label("Run", exact=True).input_value()
    with put_away(prepared.runs / run):
        page.locator("#rankings .wb-strip .wb-thumb").nth(1).click()
        page.get_by_text(f"There is no run '{run}'").wait_for()


def test_phone_and_dark(prepared, visit, shoot):
    page = visit(prepared, width=420, dark=True).open("?tab=rankings")
    page.wait_for_selector("#rankings .wb-tile")
    shoot(page, "phone_dark_rankings", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert nameless(page, "#rankings") == []
    assert faint(page, "#rankings") == []

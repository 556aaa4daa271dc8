"""The table of runs."""

import pytest

from tests.browser.acts import NAMELESS, put_away
from tests.browser.conftest import GONE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]


@pytest.fixture
def page(prepared, visit):
    page = visit(prepared).open("?tab=runs")
    page.wait_for_selector("#runs tbody tr")
    return page


def names(page):
    return page.locator("#runs .wb-run-name").all_inner_texts()


def test_sorting_and_filtering(page):
    assert len(names(page)) >= 3
    page.get_by_role("button", name="Run", exact=True).click()
    found = names(page)
    assert found == sorted(found)
    assert page.locator("#runs th[aria-sort=ascending]").inner_text().startswith("Run")
    page.get_by_label("Filter runs").fill("learning_rate=0.003")
    page.locator("#runs").get_by_text("1 of 4 runs").wait_for()
    assert names(page) == ["double rate"]
    page.get_by_label("Filter runs").fill("nothing like it")
    page.get_by_text("No run fits the filter.").wait_for()


def test_curves_of_several_runs_over_each_other(page, shoot):
    for name in ("first try", "double rate", "night run"):
        page.get_by_label(f"Compare {name}").check()
    page.wait_for_function(
        "() => document.querySelectorAll('#runs .wb-comparison .wb-legend-item').length === 3"
    )
    page.get_by_label("Which curve").select_option("loss")
    page.wait_for_function(
        "() => document.querySelector('#runs .wb-comparison .wb-plot').data?.length === 6"
    )
    shoot(page, "runs_compared")


def test_a_run_that_is_deleted_elsewhere_is_compared_no_longer(prepared, visit):
    # Its curve may be asked for once before the table has noticed.
    page = visit(prepared, allowed=GONE).open("?tab=runs")
    items = "() => document.querySelectorAll('#runs .wb-comparison .wb-legend-item').length"
    for name in ("first try", "double rate"):
        page.get_by_label(f"Compare {name}").check()
    page.wait_for_function(f"() => ({items})() === 2")
    run = page.locator("#runs tr", has_text="double rate").get_attribute("data-run")
    with put_away(prepared.runs / run):
        page.get_by_role("button", name="double rate", exact=True).wait_for(state="detached")
        page.wait_for_function(f"() => ({items})() === 1")


def test_a_run_is_opened_from_its_row(page):
    page.get_by_role("button", name="first try", exact=True).click()
    page.wait_for_selector("#monitor .wb-state-finished")
    assert page.get_by_role("tab", name="Train").get_attribute("aria-selected") == "true"


def test_renaming_and_deleting(page, prepared):
    page.get_by_role("button", name="Rename night run").click()
    page.get_by_role("dialog").get_by_label("Name").fill("morning run")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="morning run", exact=True).wait_for()
    page.get_by_role("button", name="Delete morning run").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Delete morning run").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="morning run", exact=True).wait_for(state="detached")
    assert len(list((prepared.runs / ".trash").iterdir())) == 1


def test_phone(prepared, visit, shoot):
    page = visit(prepared, width=420).open("?tab=runs")
    page.wait_for_selector("#runs tbody tr")
    shoot(page, "phone_runs", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert page.evaluate(NAMELESS) == []

"""The form and the monitor over runs written by hand."""

import pytest

from tests.browser.acts import (
    NAMELESS,
    drawn,
    put_away,
    set_field,
    unfold,
    wait_for_state,
    wait_for_steps,
)
from tests.browser.conftest import GONE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]


def field(page, path):
    return page.locator(f'#editor [data-path="{path}"]')


def test_bad_input_is_told_beside_the_field(prepared, visit, shoot):
    page = visit(prepared).open()
    set_field(page, "data.height", "many")
    error = field(page, "data.height").locator(".wb-error")
    assert error.inner_text() == "Not a whole number. Use a whole number from 16 to 1024."
    assert page.locator("#editor .wb-start").is_disabled()
    shoot(page, "bad_input")
    field(page, "data.height").get_by_role("button", name="Set height back to 128").click()
    page.wait_for_function("() => !document.querySelector('#editor .wb-start').disabled")
    assert field(page, "data.height").locator("input").input_value() == "128"


def test_controls_of_several_kinds_change_the_recipe(prepared, visit):
    page = visit(prepared).open()
    set_field(page, "training.optimizer.learning_rate", "0.003")
    set_field(page, "model.branches.stripes.regions.kind", "whole")
    page.fill('#editor input[aria-label="Search settings"]', "channels last")
    field(page, "training.channels_last").locator("input").uncheck()
    page.wait_for_selector('.wb-changed[data-path="training.channels_last"]')
    unfold(page, "What differs from the preset (")
    told = page.locator(".wb-differs").inner_text()
    for path in ("training.optimizer.learning_rate", "training.channels_last"):
        assert path in told
    unfold(page, "Command and YAML")
    command = page.locator('#editor pre[aria-label="Command"]').inner_text()
    assert command.startswith("workbench train playground/quick --set ")
    assert "--set training.channels_last=false" in command
    assert page.locator('#editor [data-path="model.branches.stripes.regions.count"]').count() == 0


def test_search_shows_settings_that_are_not_important(prepared, visit):
    page = visit(prepared).open()
    assert not field(page, "data.transforms.erasing.min_area").is_visible()
    page.fill('#editor input[aria-label="Search settings"]', "erased share")
    field(page, "data.transforms.erasing.min_area").wait_for()
    assert not field(page, "data.height").is_visible()
    page.fill('#editor input[aria-label="Search settings"]', "no such words")
    page.get_by_text("No setting has these words.").wait_for()


def test_what_was_edited_survives_a_reload(prepared, visit):
    page = visit(prepared).open()
    set_field(page, "training.seed", "7")
    page.reload()
    page.wait_for_selector('#editor .wb-changed[data-path="training.seed"]')


def test_a_missing_data_set_is_told_on_start(prepared, visit):
    # The browser itself writes a refused request into its console.
    page = visit(prepared, allowed=("status of 409",)).open("?preset=baseline/market1501")
    page.wait_for_function(
        "() => document.querySelector('input[value=\"baseline/market1501\"]')?.checked"
    )
    page.locator("#editor").get_by_role("button", name="Start").click()
    page.locator("#editor .wb-field-errors").get_by_text("Market-1501 is not in").wait_for()


def test_a_card_measures_what_its_training_costs_or_says_why_not(prepared, visit, shoot):
    page = visit(prepared).open("?preset=baseline/folder")
    card = page.locator('label[data-preset="baseline/folder"]').locator("xpath=..")
    card.get_by_role("button", name="Calibrate").click()
    card.get_by_text("how many identities its classifier tells apart is not known").wait_for()
    assert card.get_by_role("button", name="Calibrate").is_enabled()
    shoot(page, "calibrate")


def test_states_are_told_in_words(prepared, visit, shoot):
    page = visit(prepared).open("?tab=train")
    wait_for_state(page, "lost")
    assert page.get_by_text("Resume goes on from there").is_visible()
    choice = page.locator("#monitor .wb-run-choice")
    choice.select_option(label="double rate · failed")
    wait_for_state(page, "failed")
    assert page.get_by_role("alert").get_by_text("not finite at step 210").is_visible()
    drawn(page)
    shoot(page, "failed_run")


def test_zoom_survives_updates_and_all_charts_follow(prepared, visit):
    page = visit(prepared).open()
    drawn(page)
    page.evaluate(
        "Plotly.relayout(document.querySelector('[data-chart=loss] .wb-plot'),"
        " {'xaxis.range[0]': 50, 'xaxis.range[1]': 100})"
    )
    ranges = (
        "() => ['loss', 'learning_rate'].map(name => document.querySelector("
        "`[data-chart=${name}] .wb-plot`)._fullLayout.xaxis.range.map(Math.round))"
    )
    page.wait_for_function(f"() => JSON.stringify(({ranges})()) === '[[50,100],[50,100]]'")
    page.locator("#monitor").get_by_label("Log axis").check()
    page.wait_for_function(
        "() => document.querySelector('[data-chart=loss] .wb-plot')._fullLayout.yaxis.type"
        " === 'log'"
    )
    assert page.evaluate(ranges) == [[50, 100], [50, 100]]
    page.get_by_role("button", name="Whole run").click()
    page.wait_for_function(f"() => ({ranges})()[0][1] > 200")


def test_smoothing_leaves_the_raw_line_visible(prepared, visit):
    page = visit(prepared).open()
    drawn(page)
    traces = "() => document.querySelector('[data-chart=gradient_norm] .wb-plot').data.length"
    page.wait_for_function(f"() => ({traces})() === 2")
    slider = page.locator("#monitor").get_by_label("Smoothing")
    slider.fill("0")
    page.wait_for_function(f"() => ({traces})() === 1")
    wait_for_steps(page, 200)


def test_a_run_that_is_deleted_while_it_is_shown_gives_way_to_the_newest(prepared, visit):
    page = visit(prepared, allowed=GONE).open()
    choice = page.locator("#monitor .wb-run-choice")
    choice.select_option(label="double rate · failed")
    wait_for_state(page, "failed")
    run = choice.input_value()
    with put_away(prepared.runs / run):
        page.get_by_text(f"There is no run '{run}'").wait_for()
        wait_for_state(page, "lost")


def test_settings_of_a_run_can_be_used_again(prepared, visit):
    page = visit(prepared).open()
    page.locator("#monitor .wb-run-choice").select_option(label="double rate · failed")
    wait_for_state(page, "failed")
    page.get_by_role("button", name="Edit its settings").click()
    changed = '#editor .wb-changed[data-path="training.optimizer.learning_rate"]'
    page.wait_for_selector(changed)
    page.get_by_role("button", name="Reset all").click()
    page.wait_for_selector(changed, state="detached")
    unfold(page, "What this run is")
    page.get_by_role("button", name="Use these settings").click()
    page.wait_for_selector(changed)


def test_phone_dark_and_names(prepared, visit, shoot):
    page = visit(prepared, width=420, dark=True).open()
    drawn(page)
    shoot(page, "phone_dark_train", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert page.evaluate("document.body.classList.contains('dark')")
    ink, muted = page.evaluate(
        "() => { const plot = document.querySelector('[data-chart=loss] .wb-plot');"
        " return [plot._fullLayout.font.color,"
        " getComputedStyle(plot).getPropertyValue('--wb-muted').trim()]; }"
    )
    assert ink == muted
    assert page.evaluate(NAMELESS) == []


def test_the_keyboard_reaches_start_and_shows_where_it_is(prepared, visit):
    page = visit(prepared).open()
    page.locator("#editor .wb-input").first.focus()
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Start":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert page.evaluate("document.activeElement.textContent") == "Start"
    assert outline == "solid"


def test_nothing_moves_for_those_who_do_not_want_it(prepared, visit):
    page = visit(prepared, reduced_motion="reduce").open()
    wait_for_state(page, "lost")
    moving = "() => getComputedStyle(document.querySelector('.wb-dot')).animationName"
    assert page.evaluate(moving) == "none"

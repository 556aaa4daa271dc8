"""Lessons in a browser: the question first, then figures and points as the library has them."""

import pytest

from tests.browser.acts import NAMELESS
from workbench.lessons.ranked_cards import list_metrics, read_cards

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

PARTS = "document.querySelector('#learn .wb-lesson-parts')"
CHANGED = f"text => {PARTS}?.dataset.cards === text"
PLAYED = f"count => Number({PARTS}?.dataset.frames) >= count"


def opened(visit, server, query="", **settings):
    page = visit(server, **settings).open(f"?tab=learn{query}")
    page.locator("#learn .wb-lesson-choice").first.wait_for()
    return page


def answered(page, choice):
    page.locator("#learn").get_by_text(choice).click()
    page.locator("#learn").get_by_role("button", name="Answer").click()
    page.locator("#learn .wb-lesson-interactive").wait_for()


def told(page, label):
    entry = page.locator(f"#learn .wb-lesson-interactive dl div:has(dt:text-is('{label}')) dd")
    return entry.inner_text()


def percent(share):
    return f"{100 * share:.1f} %"


def test_a_question_an_interactive_and_claims(visit, prepared, shoot):
    page = opened(visit, prepared, "&lesson=figures")
    learn = page.locator("#learn")
    assert learn.get_by_text("Average precision asks").count() == 0
    assert learn.locator(".wb-lesson-interactive").count() == 0
    shoot(page, "learn_question")
    answered(page, "Model A, whose very first image is right")
    learn.get_by_text("You said otherwise").wait_for()

    page.wait_for_function(CHANGED, arg="mwwwwwwwmm")
    cards = learn.locator(".wb-learn-card")
    for text in ("mwwwwwwmwm", "mwwwwwmwwm"):
        place = text.index("m", 1)
        cards.nth(place + 1).get_by_role("button", name="Move left").click()
        page.wait_for_function(CHANGED, arg=text)
    found = list_metrics(read_cards("mwwwwwmwwm"))
    assert told(page, "AP by step") == percent(found.step)
    assert told(page, "AP by trapezoid") == percent(found.trapezoid)
    assert told(page, "mINP") == percent(found.mINP)
    cards.nth(1).get_by_role("button", name="Same distance as the card before").click()
    page.wait_for_function(CHANGED, arg="m=wwwwwmwwm")
    tied = list_metrics(read_cards("m=wwwwwmwwm"))
    assert told(page, "Rank-1") == percent(tied.match[0]) == "50.0 %"
    page.wait_for_function("() => location.search.includes('cards%3Am%3Dw')")

    learn.get_by_role("button", name="Check the claims").click()
    learn.get_by_text("5 of 5 hold.").wait_for()
    shoot(page, "learn_figures", whole=True)
    page.reload()
    page.wait_for_function(CHANGED, arg="m=wwwwwmwwm")
    assert page.evaluate(NAMELESS) == []


def test_a_card_is_dragged_and_a_link_hides_controls(visit, prepared, shoot):
    setting = "&setting=cards%3Awwm"
    page = opened(visit, prepared, f"&lesson=figures&hide=ties,real{setting}", width=420, dark=True)
    answered(page, "Neither, both find all three")
    page.wait_for_function(CHANGED, arg="wwm")
    cards = page.locator("#learn .wb-learn-card")
    cards.nth(2).scroll_into_view_if_needed()
    start = cards.nth(2).locator(".wb-learn-face").bounding_box()
    end = cards.nth(0).locator(".wb-learn-face").bounding_box()
    page.mouse.move(start["x"] + 30, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(end["x"] + 20, end["y"] + 20, steps=6)
    page.mouse.up()
    page.wait_for_function(CHANGED, arg="mww")
    assert told(page, "AP by step") == "100.0 %"
    assert page.locator("#learn .wb-learn-tie:visible").count() == 0
    assert page.locator("#learn .wb-lesson-real").count() == 0
    shoot(page, "phone_dark_learn", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_points_are_trained_live(visit, prepared, shoot):
    page = opened(visit, prepared, "&lesson=losses")
    answered(page, "The hardest ones")
    learn = page.locator("#learn")
    learn.get_by_role("button", name="One step").click()
    page.wait_for_function(PLAYED, arg=1)
    learn.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(PLAYED, arg=200)
    learn.get_by_text("Collapsed:").wait_for()
    learn.get_by_role("button", name="Pause").click()
    assert float(told(page, "Loss")) == pytest.approx(0.5, abs=0.05)
    learn.get_by_label("Loss", exact=True).select_option("triplet_semihard")
    page.wait_for_function("() => location.search.includes('triplet_semihard')")
    shoot(page, "learn_losses", whole=True)
    before = page.evaluate("document.querySelector('#learn .wb-movable .wb-plane-point').outerHTML")
    learn.locator(".wb-movable").focus()
    page.keyboard.press("ArrowUp")
    after = page.evaluate("document.querySelector('#learn .wb-movable .wb-plane-point').outerHTML")
    assert before != after
    assert page.evaluate(NAMELESS) == []

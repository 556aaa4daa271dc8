"""Attention of a token and lengths of vectors on the Parts tab, of a real, tiny network."""

import pytest

from tests.browser.acts import HEATED, NAMELESS, heated, unfold
from tests.browser.conftest import serving
from tests.ui.looking_run import trained
from workbench.inspection.run_attention import attention_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A server over one run with attention and certainty."""
    with serving(tmp_path_factory.mktemp("looking"), trained) as server:
        yield server


def opened(page):
    heated(page)
    panel = page.locator("#parts .wb-attention")
    panel.locator("summary").first.click()
    panel.locator(".wb-attention-heads figure").first.wait_for()
    return panel


def test_a_token_is_chosen_by_click_and_by_keys(made, visit, shoot):
    page = visit(made).open("?tab=parts&query=0&weights=raw")
    panel = opened(page)
    blocks = panel.get_by_label("Block").locator("option")
    assert blocks.all_inner_texts()[0] == "Block 1 of 3, map 8 x 4"
    panel.get_by_label("Block").select_option("0")
    panel.get_by_text("This map has 16 groups of 2 tokens").wait_for()
    panel.locator(".wb-attention-stage").click(position={"x": 3, "y": 3})
    panel.get_by_text("Row 1 of 8, column 1 of 4.").wait_for()
    panel.locator(".wb-attention-stage").focus()
    page.keyboard.press("ArrowDown")
    panel.get_by_text("Row 2 of 8, column 1 of 4.").wait_for()
    found = attention_of(made.run, 0, (1.5 / 8, 0.125), "raw")[0]
    unfold(panel, "Keys as a table")
    rows = panel.locator("tbody tr")
    rows.first.wait_for()
    assert rows.count() == sum(len(keys) for keys in found.heads)
    best = found.heads[0][0]
    expected = ["1", str(best.row + 1), str(best.column + 1), f"{100 * best.weight:.1f} %"]
    assert rows.first.locator("td").all_inner_texts() == expected
    assert panel.locator(".wb-attention-stage .wb-token-member").count() == 2
    panel.get_by_label("All groups").check()
    assert panel.locator(".wb-attention-stage .wb-token-group").count() == 32
    panel.get_by_label("Image to look at").select_option("1")
    panel.locator(".wb-attention-heads figure").first.wait_for()
    page.wait_for_function(HEATED)
    shoot(page, "attention", whole=True)
    assert page.evaluate(NAMELESS) == []


def test_lengths_are_measured_and_lead_to_an_image(made, visit, shoot):
    page = visit(made, width=420, dark=True).open("?tab=parts&weights=raw")
    opened(page)
    panel = page.locator("#parts .wb-lengths")
    panel.locator("summary").first.click()
    panel.get_by_role("button", name="Measure lengths").click()
    panel.locator("svg").nth(1).wait_for()
    assert panel.locator("svg").count() == 2
    unfold(panel, "All points as a table")
    dots = panel.locator("svg").first.locator("circle").count()
    table = panel.get_by_label("Every image that is drawn")
    table.wait_for()
    assert table.locator("tbody tr").count() == dots
    shoot(page, "lengths_phone_dark", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert page.evaluate(NAMELESS) == []
    thumb = panel.locator(".wb-parts-hit").last
    source, index = thumb.get_attribute("aria-label").split(",")[0].lower().split()
    thumb.click()
    wanted = "" if source == "query" else "source=gallery&"
    page.wait_for_function(f"() => location.search.includes('{wanted}query={index}&')")

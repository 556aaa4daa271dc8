"""Heatmaps of a real, tiny network on the page, beside what the library says of the same pair."""

import re
from contextlib import contextmanager
from urllib.parse import parse_qsl

import numpy as np
import pytest
from PIL import Image

from tests.browser.acts import faint, heated, nameless, put_away, unfold
from tests.browser.conftest import serving
from tests.ui.tiny_run import trained, without_parts
from workbench.experiment.run_rankings import open_rankings
from workbench.inspection.explaining import explain_pair

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

QUERIES = "**/queries?*"
REFUSED = ("status of 404", "status of 409")


def masked(folder, runs):
    """A run with parts, after one without; on every image the upper half is torso."""
    without_parts(folder, runs)
    run = trained(folder, runs)
    mask = np.zeros((32, 16), dtype=np.uint8)
    mask[:16] = 3
    (folder / "people" / "masks").mkdir()
    for image in (folder / "people").glob("[bq]*/*.png"):
        Image.fromarray(mask).save(folder / "people" / "masks" / image.name)
    return run


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("parts"), masked) as server:
        yield server


@pytest.fixture
def page(made, visit):
    page = visit(made).open("?tab=parts")
    heated(page)
    return page


def link(page):
    return dict(parse_qsl(page.evaluate("location.search")[1:]))


def facts(page, part):
    card = page.locator(f'#parts [data-part="{part}"]')
    return dict(
        zip(card.locator("dt").all_inner_texts(), card.locator("dd").all_inner_texts(), strict=True)
    )


def three(value, sign=""):
    if abs(value) < 0.0005:
        return "0.000"
    return f"{value:{sign}.3f}".replace("-", "\u2212")


def test_the_numbers_are_the_librarys(page, made, shoot):
    asked = link(page)
    found = explain_pair(made.run, int(asked["query"]), int(asked["hit"]), "averaged")
    names = [part.name for part in found.parts]
    assert names == ["whole", "groups_0", "groups_1", "all"]
    for part in found.parts:
        assert facts(page, part.name) == {
            "Share": three(part.similarity, "+"),
            "Cosine": three(part.cosine),
            "hottest first": three(part.deletion.auc),
            "at random": three(part.deletion.random),
            "from the middle": three(part.deletion.centre),
        }
    text = page.locator("#parts").inner_text()
    assert f"Similarity {found.total:.4f}" in text
    assert f"{100 * found.whole.on_person:.1f} % of the heat is on the person" in text
    unfold(page, "All numbers as tables")
    rows = page.locator("#parts .wb-part-table tbody").first.locator("tr")
    assert rows.count() == len(names)
    shoot(page, "parts", whole=True)
    assert faint(page, "#parts") == []


def test_true_part_opacity_and_method(page):
    page.get_by_label("True part to look for").select_option("torso")
    assert "On the torso: " in page.locator('#parts [data-part="all"]').inner_text()
    layer = page.locator("#parts .wb-heat-layer").first
    page.get_by_label("Opacity of the heat").focus()
    page.keyboard.press("Home")
    assert layer.evaluate("one => getComputedStyle(one).opacity") == "0"
    page.keyboard.press("End")
    assert layer.evaluate("one => getComputedStyle(one).opacity") == "1"
    page.locator("#parts").get_by_label("Method").select_option("hirescam")
    page.wait_for_function("() => location.search.includes('method=hirescam')")
    heated(page)
    assert page.get_by_text("run from 0 to 1").is_visible()
    assert page.get_by_role("heading", name="Learned masks").is_visible()


def test_hits_by_keyboard_and_the_way_from_and_to_the_list(page, made):
    hits = page.locator("#parts .wb-parts-hit")
    hits.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelectorAll('#parts .wb-parts-hit')[1].ariaSelected === 'true'"
    )
    chosen = hits.nth(1).get_attribute("data-index")
    page.wait_for_function(f"() => location.search.includes('hit={chosen}&')")
    heated(page)
    page.get_by_role("button", name="Show the ranked list of this query").click()
    page.wait_for_selector("#rankings .wb-tile")
    why = page.get_by_role("button", name="Why this rank? Heatmaps of rank 3")
    why.click()
    third = next(
        one for one in open_rankings(made.run).list(int(link(page)["query"]), 3) if one.rank == 3
    )
    page.wait_for_function(f"() => location.search.includes('hit={third.index}&')")
    heated(page)
    assert "Rank 3" in page.locator("#parts .wb-pair-words").inner_text()


def test_an_image_of_ones_own_is_explained(made, visit, shoot):
    page = visit(made, allowed=REFUSED).open("?tab=rankings")
    page.wait_for_selector("#rankings .wb-tile")
    rankings = open_rankings(made.run)
    own = rankings.embeddings.root / rankings.embeddings.query_images[2].path
    page.set_input_files("#rankings input[type=file]", own)
    page.locator("#rankings .wb-query").get_by_role("heading", name="Your image").wait_for()
    page.get_by_role("button", name="Why this rank? Heatmaps of rank 2").click()
    page.locator("#parts figcaption").get_by_text("your image").first.wait_for()
    heated(page)
    words = page.locator("#parts .wb-pair-words").inner_text()
    assert words.startswith("Rank 2: identity")
    assert set(link(page)) == {"tab", "run", "weights", "method"}
    shoot(page, "parts_own", whole=True)
    page.get_by_role("button", name="Show the ranked list of this query").click()
    page.locator("#rankings .wb-query").get_by_role("heading", name="Your image").wait_for()
    page.get_by_role("button", name="Forget your image 1").click()
    page.locator("#rankings .wb-query").get_by_role("heading", name="Your image").wait_for(
        state="detached"
    )
    page.get_by_role("tab", name="Parts").click()
    page.locator("#parts .wb-parts-hit").nth(3).click()
    page.locator("#parts").get_by_text("This image is not kept any more").wait_for()


def test_a_link_opens_a_pair_and_what_is_not_there_is_one_sentence(made, visit):
    query = f"?tab=parts&run={made.run.id}&weights=raw&source=gallery&query=2&hit=5&method=gradcam"
    page = visit(made, allowed=REFUSED).open(query)
    heated(page)
    assert link(page) | {"weights": "raw"} == dict(parse_qsl(query[1:]))
    assert page.locator("#parts").get_by_label("Method").input_value() == "gradcam"
    page.goto(made.url + query.replace("hit=5", "hit=999"))
    page.get_by_text("There is no gallery image 999: they are numbered from 0 to 31.").wait_for()
    page.goto(f"{made.url}?tab=parts&run=gone")
    page.locator("#parts").get_by_text("There is no run 'gone'").wait_for()
    # It is no dead end: the one run there is can be chosen.
    page.locator("#parts").get_by_label("Run", exact=True).select_option(made.run.id)
    heated(page)


def test_a_network_without_parts_has_the_map_of_the_whole_image(made, visit, shoot):
    page = visit(made).open("?tab=parts")
    heated(page)
    page.locator("#parts").get_by_label("Run", exact=True).select_option(label="one part")
    page.locator("#parts").get_by_text("there are no parts to tell apart").wait_for()
    heated(page)
    assert page.locator("#parts .wb-part").count() == 1
    assert page.locator("#parts .wb-part .wb-heat img").count() == 4
    shoot(page, "parts_without_parts", whole=True)


def test_phone_and_dark(made, visit, shoot):
    page = visit(made, width=420, dark=True).open("?tab=parts")
    heated(page)
    shoot(page, "phone_dark_parts", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert nameless(page, "#parts") == []
    assert faint(page, "#parts") == []


def test_a_run_that_is_deleted_while_it_is_shown(made, visit):
    page = visit(made, allowed=REFUSED).open("?tab=parts")
    heated(page)
    with put_away(made.run.path):
        page.locator("#parts .wb-parts-hit").nth(2).click()
        page.locator("#parts").get_by_text(f"There is no run '{made.run.id}'").wait_for()
        assert not page.locator("#parts .wb-part").first.is_visible()


@contextmanager
def slow(page, pattern):
    """Holds answers back until the block ends: nothing may be asked of what is not known yet."""
    held, asked, holding = [], [], [True]
    page.route(pattern, lambda route: held.append(route) if holding else route.continue_())
    page.on("request", lambda request: asked.append(request.url))
    yield
    page.wait_for_timeout(500)  # for what would be asked too early
    assert held
    assert about_nothing(asked) == []
    holding.clear()
    for route in held:
        route.continue_()


def about_nothing(addresses):
    """Addresses with an index, or weights, that were not known yet."""
    return [
        one for one in addresses if re.search(r"/(null|NaN|undefined|)/|/(null|NaN)\b", one[9:])
    ]


def test_no_heatmap_is_asked_of_a_query_before_the_queries_are_there(made, visit):
    visitor = visit(made)
    with slow(visitor.page, QUERIES):
        page = visitor.open("?tab=parts")
        page.get_by_text("Reading the ranked lists").wait_for()
        method = page.locator("#parts").get_by_label("Method", exact=True)
        method.select_option(index=1)
        method.select_option(index=0)
    heated(page)


def test_an_image_forgotten_before_the_queries_are_there_leaves_the_first_query(made, visit):
    visitor = visit(made)
    image = next((made.folder / "people").glob("query/*.png"))
    with slow(visitor.page, QUERIES):
        page = visitor.open("?tab=rankings")
        page.locator("#rankings .wb-upload").wait_for()
        page.locator("#rankings input[type=file]").set_input_files(image)
        page.locator("#rankings .wb-tile").first.wait_for()
        page.locator("#rankings").get_by_label("Forget your image 1").click()
    page.locator("#rankings .wb-query").get_by_role(
        "heading", name=re.compile("^Query ")
    ).wait_for()


@pytest.mark.parametrize("tab", ["rankings", "parts"])
def test_clicks_while_another_run_is_opened_ask_nothing_of_it(made, visit, tab):
    visitor = visit(made)
    page = visitor.open(f"?tab={tab}")
    ready = "#rankings .wb-tile" if tab == "rankings" else "#parts .wb-part"
    page.locator(ready).first.wait_for()
    runs = page.locator(f"#{tab}").get_by_label("Run", exact=True)
    before = runs.input_value()
    other = next(one for one in all_values(runs) if one != before)
    with slow(page, f"**/{other}/{tab}?*"):
        runs.select_option(other)
        page.locator(f"#{tab} .wb-strip .wb-thumb").nth(1).click()
    page.wait_for_function("run => location.search.includes(run)", arg=other)
    page.locator(ready).first.wait_for()


def all_values(select):
    return select.locator("option").evaluate_all("all => all.map(one => one.value)")

"""Rankings as they form, re-ranked lists and a visitor's own image, over a run of some seconds."""

import re
import shutil
import time
import urllib.error
import urllib.request

import pytest

from tests.browser.acts import faint, nameless, unfold, wait_for_state
from tests.browser.conftest import SERVER_GONE, Server
from tests.experiment.tiny import overrides, people
from workbench.experiment.run_rankings import open_rankings
from workbench.recipe.settings.evaluation import ReRanking
from workbench.runs.lifecycle import launch
from workbench.ui.views.rankings.filmstrip_view import film

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

WORDS = "#monitor .wb-film-words"
SLIDER = '#monitor .wb-film-player input[type="range"]'


class Tiny:
    """A server, and a run that it can be seen to train."""

    def __init__(self, folder):
        self.server = Server(folder)
        self.changes = overrides(people(folder / "people")) | {
            "training.length.count": 120,
            "training.evaluate.count": 20,
            "run.name": "tiny",
        }
        self.run = None

    def start(self):
        names = {
            "WORKBENCH_RUNS": str(self.server.runs),
            "WORKBENCH_DATASETS": str(self.server.folder / "datasets"),
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in names.items():
                patch.setenv(name, value)
            self.run = launch.start("playground/quick", self.changes)

    @property
    def rankings(self):
        return open_rankings(self.run)

    @property
    def address(self):
        return f"?tab=rankings&run={self.run.id}"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    made = Tiny(folder)
    made.server.start()
    yield made
    made.server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def lists(tiny, visit):
    """The Rankings tab over the finished run, at query 1."""
    if tiny.run is None:
        tiny.start()
    page = visit(tiny.server, allowed=("status of 409",)).open(f"?tab=train&run={tiny.run.id}")
    wait_for_state(page, "finished")
    page.goto(tiny.server.url + f"{tiny.address}&query=1")
    page.wait_for_selector("#rankings .wb-tile")
    return page


def order(page):
    """Distance and caption of the tiles that count."""
    return page.locator("#rankings .wb-tile:not(.wb-excluded)").evaluate_all(
        "all => all.map(one => [...one.querySelectorAll('.wb-tile-foot')].map(e => e.textContent))"
    )


def expected(rankings, query, k=10):
    images = rankings.embeddings.gallery_images
    return [
        f"{one.distance:.4f}"
        for one in rankings.list(query, k)
        if one.excluded is None and images[one.index]
    ]


def test_lists_appear_while_a_run_trains_and_can_be_replayed(tiny, visit, shoot):
    page = visit(tiny.server).open("?tab=train")
    page.get_by_text("Nothing trained yet").wait_for()
    tiny.start()
    unfold(page, "The ranking as it forms")
    page.get_by_text("has no snapshot yet").or_(page.locator(WORDS)).first.wait_for()
    page.wait_for_function(f"() => document.querySelector('{SLIDER}').max >= 1")
    wait_for_state(page, "finished")
    page.wait_for_function(f"() => document.querySelector('{SLIDER}').max === '6'")
    frames = film(tiny.run)["frames"]
    assert page.locator(WORDS).inner_text() == frames[-1]["words"]
    shown = page.locator("#monitor .wb-film-rank").all_inner_texts()
    assert shown == [f"match at rank {one['first_match']}" for one in frames[-1]["strips"]]
    alts = page.locator("#monitor .wb-film-queries li").first.locator(".wb-hit img")
    told = [alts.nth(place).get_attribute("alt") for place in range(5)]
    verdicts = [hit["verdict"] for hit in frames[-1]["strips"][0]["hits"]]
    assert [re.match(r"Rank (\d): (\w+)", text).groups() for text in told] == [
        (str(place), verdict) for place, verdict in enumerate(verdicts, start=1)
    ]
    shoot(page, "filmstrip")
    page.get_by_role("button", name="Play the evaluations").click()
    page.get_by_text("step 0 (1 of 7)").wait_for()
    page.get_by_text("step 120 (7 of 7)").wait_for()
    page.locator(SLIDER).fill("0")
    page.get_by_text("step 0 (1 of 7)").wait_for()
    assert page.locator(WORDS).inner_text() == frames[0]["words"]
    unfold(page, "Ranks as a table")
    cells = page.locator("#monitor .wb-numbers tbody tr").last.locator("td").all_inner_texts()
    ranks = [one["first_match"] for one in frames[-1]["strips"]]
    assert cells == [*map(str, ranks), str(sorted(ranks)[2])]
    assert nameless(page, "#monitor") == []
    assert faint(page, "#monitor") == []


def test_who_wants_no_motion_goes_on_by_one_evaluation(tiny, visit, lists):
    page = visit(tiny.server, reduced_motion="reduce").open(f"?tab=train&run={tiny.run.id}")
    unfold(page, "The ranking as it forms")
    page.get_by_role("button", name="Next evaluation").click()
    page.get_by_text("step 0 (1 of 7)").wait_for()
    page.get_by_role("button", name="Next evaluation").click()
    page.get_by_text("step 20 (2 of 7)").wait_for()


def test_the_switch_re_ranks_as_the_library_does(tiny, visit, lists, shoot):
    plain = tiny.rankings
    assert [foot[1] for foot in order(lists)] == expected(plain, 1)
    lists.get_by_role("switch", name="Re-rank").check()
    lists.get_by_text("With re-ranking mAP").wait_for()
    lists.wait_for_function("() => location.search.includes('rerank=1')")
    re_ranked = plain.re_ranked(ReRanking())
    assert [foot[1] for foot in order(lists)] == expected(re_ranked, 1)
    shoot(lists, "re_ranked")
    k1 = lists.locator('#rankings [data-path="evaluation.re_ranking.k1"] input')
    k1.fill("4")
    k1.press("Enter")
    lists.wait_for_function("() => location.search.includes('rerank=k1%3A4')")
    assert [foot[1] for foot in order(lists)] == expected(plain.re_ranked(ReRanking(k1=4)), 1)
    other = visit(tiny.server).open(lists.evaluate("location.search"))
    other.wait_for_selector("#rankings .wb-tile")
    assert order(other) == order(lists)
    k1.fill("500")
    k1.press("Enter")
    lists.get_by_text("Not re-ranked: k1 = 500: must be from 1 to 36").wait_for()
    lists.wait_for_function("() => !location.search.includes('rerank=k1')")
    assert [foot[1] for foot in order(lists)] == expected(plain, 1)


def test_how_the_list_of_one_query_formed(lists, shoot):
    unfold(lists, "How this list formed", ".wb-formed img")
    rows = lists.locator("#rankings .wb-formed tbody tr")
    rows.nth(6).wait_for()
    steps = [rows.nth(place).locator("th").inner_text() for place in range(7)]
    assert steps == ["0", "20", "40", "60", "80", "100", "120"]
    assert rows.nth(6).locator(".wb-hit").count() > 5
    shoot(lists, "formation")


def test_snapshots_are_asked_for_again_where_the_server_did_not_answer(tiny, visit, lists):
    page = visit(tiny.server, allowed=SERVER_GONE).open(tiny.address)
    page.wait_for_selector("#rankings .wb-tile")
    asked = []

    def first_is_lost(route):
        asked.append(route.request.url)
        route.abort() if len(asked) == 1 else route.continue_()

    page.route("**/formation/**", first_is_lost)
    unfold(page, "How this list formed")
    page.wait_for_selector("#rankings .wb-formed img")
    assert len(asked) == 2


def test_an_image_of_ones_own_is_ranked_and_forgotten(tiny, lists, shoot):
    rankings = tiny.rankings
    sample = rankings.embeddings.gallery_images[9]
    data = (rankings.embeddings.root / sample.path).read_bytes()
    chooser = lists.get_by_label("Image file to rank")
    chooser.set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": b"no image"})
    lists.get_by_role("alert").get_by_text("no image that can be read here").wait_for()
    chooser.set_input_files({"name": "../x.png", "mimeType": "image/png", "buffer": data})
    lists.locator("#rankings .wb-query").get_by_role("heading", name="Your image").wait_for()
    first = lists.locator("#rankings .wb-tile").first
    assert re.sub(r"-(0\.0+)", r"\1", first.get_attribute("aria-label")) == (
        f"Rank 1. identity {sample.identity}, camera {sample.camera}, distance 0.0000."
        " Make it the query"
    )
    assert lists.locator("#rankings .wb-tile.wb-match").count() == 0
    assert lists.get_by_text("Nobody knows who is on it").is_visible()
    shoot(lists, "own_image")
    source = lists.locator("#rankings .wb-query img").get_attribute("src")
    word = re.search(r"uploads/([\w-]+)\.jpg", source)[1]
    assert _answers(tiny.server, word)
    lists.goto("about:blank")
    until = time.monotonic() + 300
    while _answers(tiny.server, word):
        assert time.monotonic() < until
        lists.wait_for_timeout(100)


def _answers(server, word):
    try:
        with urllib.request.urlopen(f"{server.url}api/uploads/{word}.jpg", timeout=30) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as error:
        return error.code == 200


def test_phone_and_dark(tiny, visit, lists, shoot):
    page = visit(tiny.server, width=420, dark=True).open(f"{tiny.address}&rerank=1")
    page.get_by_text("With re-ranking mAP").wait_for()
    unfold(page, "How this list formed", ".wb-formed img")
    shoot(page, "phone_dark_lists", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert nameless(page, "#rankings") == []
    assert faint(page, "#rankings") == []

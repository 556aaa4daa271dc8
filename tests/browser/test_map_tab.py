"""The map of an embedding, its numbers compared with the library's."""

import os
import shutil

import numpy as np
import pytest

from tests.browser.acts import faint, nameless, unfold
from tests.browser.conftest import Server
from tests.ui.live import end, evaluate, training, write_live_run
from tests.ui.mapped import embeddings, write_mapped_run
from workbench.inspection.map_making import everything, pca_of_snapshots
from workbench.inspection.maps import map_file, read_map
from workbench.retrieval.projection.projection import neighbours, pca
from workbench.retrieval.projection.trust import trust

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

IMAGES = 58
PLOT = "document.querySelector('#map .wb-map-plot')"
DRAWN = f"() => {PLOT}?.data?.some(trace => trace.type === 'scattergl')"
# Chromium without a graphics card says that reading pixels back is slow.
SLOW_PIXELS = ("GPU stall due to ReadPixels",)
AT = f"""([across, up]) => {{
  const plot = {PLOT}, {{xaxis, yaxis, _size}} = plot._fullLayout;
  const frame = plot.getBoundingClientRect();
  return [frame.left + _size.l + xaxis.l2p(across), frame.top + _size.t + yaxis.l2p(up)];
}}"""


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    """A server over one run with a map, one without embeddings, and one that will be deleted."""
    folder = tmp_path_factory.mktemp("mapped")
    made = Server(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_RUNS", str(made.runs))
        patch.setenv("WORKBENCH_DATASETS", str(folder / "datasets"))
        write_mapped_run(folder / "others", overrides={"run.name": "to be deleted"})
        made.run = write_mapped_run(folder / "images", overrides={"run.name": "condensing"})
    yield made.start()
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def vectors(mapped):
    return everything(embeddings(mapped.folder / "images", 3.0))


def opened(visit, server, query="", allowed=(), **settings):
    watched = visit(server, allowed=(*SLOW_PIXELS, *allowed), **settings)
    page = watched.open(f"?tab=map&run={server.run.id}{query}")
    page.wait_for_function(DRAWN)
    return page


@pytest.fixture
def page(visit, mapped):
    return opened(visit, mapped)


def told(page, label):
    """The figure under a label, once it is counted."""
    entry = page.locator(f"#map dl div:has(dt:text-is('{label}')) dd")
    entry.filter(has_text="%").wait_for()
    return entry.inner_text()


def points_drawn(page):
    """All points on the plot as (across, up), in no order."""
    pairs = page.evaluate(
        f"() => {PLOT}.data.filter(one => one.type === 'scattergl')"
        ".flatMap(one => [...one.x].map((x, place) => [x, one.y[place]]))"
    )
    return sorted(map(tuple, pairs))


def percent(share):
    return f"{100 * share:.1f} %"


def test_the_page_draws_what_the_library_maps(page, vectors, shoot):
    points = pca(vectors)
    drawn = np.array(points_drawn(page))
    np.testing.assert_allclose(drawn, sorted(map(tuple, points.astype(float))), atol=1e-6)
    found = trust(vectors, points)
    assert told(page, "True neighbours on this map") == percent(found.overall)
    assert page.get_by_text(f"would reach {percent(found.chance)}").is_visible()
    page.locator("#map").get_by_text("8 identities").wait_for()
    shoot(page, "map")
    assert faint(page, "#map") == []


def test_a_click_selects_a_point_and_makes_it_the_query(page, vectors, shoot):
    points = pca(vectors)
    # The point farthest from all others, so that no other one is hit.
    lonely = int(neighbours(points, 1, "euclidean").distance[:, 0].argmax())
    page.mouse.move(*page.evaluate(AT, points[lonely].tolist()))
    page.locator("#map .wb-map-tip").get_by_text(f"Point {lonely}:").wait_for()
    page.mouse.click(*page.evaluate(AT, points[lonely].tolist()))
    name = f"Query {lonely}" if lonely < 16 else f"Gallery image {lonely - 16}"
    page.locator("#map .wb-map-card").get_by_role("heading", name=name).wait_for()
    share = trust(vectors, points).per_point[lonely]
    assert told(page, "True neighbours here") == percent(share)
    assert page.locator("#map .wb-map-neighbours .wb-near").count() == round(10 * share)
    # Above the points: a ring around it, and a line to each true neighbour.
    near = round(10 * share)
    page.wait_for_function(
        "wanted => ['near', 'far'].every((name, at) => document.querySelector("
        "`#map .wb-map-${name}`)?.getAttribute('d')?.split('M').length === wanted[at] + 1)",
        arg=[near, 10 - near],
    )
    ring = page.locator("#map .wb-map-ring").bounding_box()
    found = [ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2]
    np.testing.assert_allclose(found, page.evaluate(AT, points[lonely].tolist()), atol=1)
    shoot(page, "map_point")
    page.wait_for_function(f"() => location.search.includes('point={lonely}')")
    page.locator("#map").get_by_role("button", name="Show its ranking").click()
    heading = name if lonely < 16 else f"{name} as query"
    page.locator("#rankings .wb-query").get_by_role("heading", name=heading).wait_for()


def test_colours_have_shapes_and_words(page):
    colours = page.locator("#map").get_by_label("Coloured by")
    colours.select_option("correctness")
    legend = page.locator("#map .wb-map-legend")
    page.wait_for_function(f"() => {PLOT}.getAttribute('aria-label').includes('by correctness')")
    assert "first hit right" in legend.inner_text()
    groups = page.evaluate(f"() => {PLOT}.data.map(one => [one.marker.symbol, one.x.length])")
    assert ["circle-open", 42] in groups
    assert sum(count for _, count in groups) == IMAGES
    colours.select_option("camera")
    legend.get_by_role("button", name="camera 3").click()
    page.wait_for_function(f"() => {PLOT}.data.length === 2")
    colours.select_option("split")
    legend.get_by_text("gallery").wait_for()
    assert legend.locator(".wb-latest").all_inner_texts() == ["42", "16"]


def test_images_are_chosen_by_lasso_and_by_identity(page, vectors, shoot):
    page.get_by_label("Identity to single out").fill("3")
    page.keyboard.press("Enter")
    picks = page.locator("#map .wb-map-picks")
    picks.get_by_role("heading", name="Identity 3: 7 images").wait_for()
    unfold(picks, "As a table")
    assert picks.locator("tbody tr").count() == 7
    picks.get_by_role("button", name="Clear").click()
    page.locator("#map").get_by_role("button", name="Box", exact=True).click()
    page.evaluate("scrollTo(0, 0)")
    box = page.locator("#map .wb-map-plot").bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] - 8, steps=4)
    page.mouse.up()
    picks.get_by_role("heading", name=f"Chosen: {IMAGES} images").wait_for()
    shoot(page, "map_picks", whole=True)
    # A ring drawn by hand around the lower half of the map holds the points that lie there.
    points, whole = pca(vectors), page.evaluate(RANGE)
    page.locator("#map").get_by_role("button", name="Lasso", exact=True).click()
    page.evaluate("scrollTo(0, 0)")
    middle = float(np.median(points[:, 1]))
    low, high = points.min(0) - 0.02, points.max(0) + 0.02
    corners = [(low[0], low[1]), (high[0], low[1]), (high[0], middle), (low[0], middle)]
    first, *others = [page.evaluate(AT, [float(x), float(y)]) for x, y in corners]
    page.mouse.move(*first)
    page.mouse.down()
    for place in others:
        page.mouse.move(*place, steps=3)
    page.mouse.up()
    below = int((points[:, 1] < middle).sum())
    picks.get_by_role("heading", name=f"Chosen: {below} images").wait_for()
    page.wait_for_function(
        f"count => {PLOT}.data.reduce((all, one) => all + one.selectedpoints?.length, 0) === count",
        arg=below,
    )
    assert page.evaluate(RANGE) == whole
    shoot(page, "map_lasso")
    with page.expect_download() as download:
        picks.get_by_role("button", name="Download as CSV").click()
    rows = download.value.path().read_text().splitlines()
    assert rows[0].startswith("point,source,index,identity,camera,first hit,across,up")
    assert len(rows) == 1 + below


def test_the_training_is_played_and_a_point_is_followed(visit, mapped, shoot):
    page = opened(visit, mapped, "&step=0&point=3", reduced_motion="reduce")
    slider = page.get_by_label("Evaluation of the training")
    assert slider.get_attribute("aria-valuetext") == "step 0 (1 of 3)"
    first = told(page, "True neighbours on this map")
    page.locator("#map").get_by_role("button", name="Play the training").click()
    page.locator("#map .wb-map-time output").get_by_text("step 400 (3 of 3)").wait_for()
    page.locator("#map").get_by_role("button", name="Play the training").wait_for()
    shoot(page, "map_time")
    assert told(page, "True neighbours on this map") != first
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => location.search.includes('step=130')")
    assert page.get_by_label("Number of the point to look at").input_value() == "3"
    page.get_by_role("button", name="All images again").click()
    page.wait_for_function("() => !location.search.includes('step=')")


@pytest.mark.long
def test_the_page_answers_while_a_umap_is_made(page, mapped, shoot):
    page.get_by_label("How the map is made").select_option("umap")
    state = page.locator("#map .wb-map-state")
    state.get_by_text("Loading UMAP and compiling it").wait_for()
    shoot(page, "map_umap_waits")
    # It takes half a minute, in which the page shows other things.
    asked = f"api/runs/{mapped.run.id}/maps/averaged/umap"
    assert page.request.get(mapped.url + asked).json()["working"]
    page.get_by_label("Number of the point to look at").fill("20")
    page.keyboard.press("Enter")
    page.locator("#map").get_by_role("heading", name="Gallery image 4").wait_for()
    assert page.request.get(mapped.url + asked).ok
    # At low priority: beside other programs it takes many times as long.
    state.wait_for(state="hidden", timeout=900_000)
    made = read_map(map_file(mapped.run, "umap", "step_00000400-averaged"))
    page.wait_for_function(f"() => {PLOT}.getAttribute('aria-label').startsWith('UMAP')")
    np.testing.assert_allclose(
        points_drawn(page), sorted(map(tuple, made.points.astype(float))), atol=1e-5
    )
    assert told(page, "True neighbours on this map") == percent(made.trust)
    shoot(page, "map_umap")


RANGE = f"() => {PLOT}._fullLayout.xaxis.range"


@pytest.fixture
def live(mapped, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RUNS", str(mapped.runs))
    run = write_live_run(mapped.folder / "live")
    yield run
    shutil.rmtree(run.path)


def test_a_run_that_trains_is_followed_without_losing_the_view(visit, mapped, live, shoot):
    page = visit(mapped, allowed=SLOW_PIXELS).page
    with training(live):
        page.goto(f"{mapped.url}?tab=map&run={live.id}")
        page.wait_for_function(DRAWN)
        time = page.locator("#map .wb-map-time output")
        time.get_by_text("step 3 (2 of 2), the latest").wait_for()
        whole = page.evaluate(RANGE)
        box = page.locator("#map .wb-map-plot").bounding_box()
        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"], steps=4)
        page.mouse.up()
        page.wait_for_function(f"low => ({RANGE})()[0] > low + 1e-9", arg=whole[0])
        zoomed = page.evaluate(RANGE)
        evaluate(live, 6)
        time.get_by_text("step 6 (3 of 3), the latest").wait_for()
        # The points glide to their new places.
        points = pca_of_snapshots(live).maps[-1].points
        first = sorted(map(tuple, points.astype(float)))[0][0]
        page.wait_for_function(
            f"first => Math.abs(Math.min(...{PLOT}.data.filter(one => one.type === 'scattergl')"
            ".flatMap(one => [...one.x])) - first) < 1e-6",
            arg=first,
        )
        assert page.evaluate(RANGE) == zoomed
        shoot(page, "map_live")
        # Who looks at an earlier evaluation stays there.
        page.get_by_label("Evaluation of the training").focus()
        page.keyboard.press("ArrowLeft")
        time.get_by_text("step 3 (2 of 3)").wait_for()
        evaluate(live, 9)
        time.get_by_text("step 3 (2 of 4)").wait_for()
        page.get_by_role("button", name="Follow the training").click()
        time.get_by_text("step 9 (4 of 4), the latest").wait_for()
        page.get_by_label("Number of the point to look at").fill("2")
        page.keyboard.press("Enter")
        page.get_by_text("Its ranking can be shown when the run has ended.").wait_for()
    end(live)
    page.locator("#map").get_by_text(
        "The run has ended: its weights can be chosen above"
    ).wait_for()


def test_what_cannot_be_shown_is_one_sentence(visit, mapped):
    page = opened(visit, mapped, allowed=("404 (Not Found)",))
    page.get_by_label("Number of the point to look at").fill("999")
    page.keyboard.press("Enter")
    page.get_by_text("Point 999 is not on this map of 58 images").wait_for()
    page.locator("#map").get_by_label("Run", exact=True).select_option(label="to be deleted")
    page.wait_for_function(f"() => !location.search.includes('{mapped.run.id}')")
    page.wait_for_function(DRAWN)
    gone = next(
        one for one in mapped.runs.iterdir() if one != mapped.run.path and one.name[0] == "2"
    )
    page.get_by_label("Number of the point to look at").fill("2")
    os.rename(gone, mapped.folder / "elsewhere")
    page.keyboard.press("Enter")  # unless the page has noticed by itself: both end in the sentence
    page.locator("#map .wb-hero").get_by_text("There is no run").wait_for()


def test_phone_and_dark(visit, mapped, shoot):
    page = opened(visit, mapped, "&point=3", width=420, dark=True)
    page.locator("#map .wb-map-card").get_by_role("heading", name="Query 3").wait_for()
    told(page, "True neighbours here")
    shoot(page, "phone_dark_map", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert nameless(page, "#map") == []
    assert faint(page, "#map") == []

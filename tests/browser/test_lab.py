"""Panels in a real JupyterLab: training, reload, a new kernel, a ranking, a map, nothing left."""

import json
import shutil
import time

import pytest

from tests.browser.acts import NAMELESS, TINY, has_no_gap
from tests.browser.jupyter import WATCH, Lab, open_notebook, ready, restart, run_all, save, theme
from tests.ui import by_hand

pytestmark = pytest.mark.browser

SIZE = 200_000
# Of the run that was started, and of no run that was there before.
STEPS = """() => {
  const held = document.querySelector('.wb-curves')?.series;
  return (held?.run.includes('global') && held.series.loss?.step) || [];
}"""
# The outputs of cells, without what a panel changed about them.
DRAWN_LATER = """() => {
  for (const one of document.querySelectorAll('.jp-OutputArea-child')) one.style.display = '';
}"""
LOST = "widget model not found"
ALLOWED = ("GPU stall", "favicon", LOST)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    (folder / "images").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_RUNS", str(folder / "runs"))
        patch.setenv("WORKBENCH_DATASETS", str(folder / "datasets"))
        by_hand.embed(by_hand.write_run(overrides={"run.name": "by hand"}), folder / "images")
    made = Lab(folder)
    try:
        yield made.start()
    finally:
        made.stop()
    shutil.rmtree(folder, ignore_errors=True)


def until(found):
    """Waits for what comes sooner or later, and returns it."""
    limit = time.monotonic() + 300
    while True:
        value = found()
        if value:
            return value
        assert time.monotonic() < limit
        time.sleep(0.1)


@pytest.mark.long
def test_training_outlives_reload_and_kernel(lab, visit, shoot):
    overrides = TINY | {"training.length.count": "30", "run.name": "from a cell"}
    lab.write(
        "train",
        "from workbench.ui.notebook import TrainPanel\n"
        f"panel = TrainPanel('playground/global', {overrides!r})\npanel",
        "import asyncio\nfrom pathlib import Path\n"
        "while not Path('go').exists():\n    await asyncio.sleep(0.2)",
        "panel.start().id",
    )
    watched = visit(lab, allowed=ALLOWED)
    page = open_notebook(watched, "train")
    # A cell waits meanwhile: the panel is answered all the same.
    run_all(page, wait=False)
    page.wait_for_selector(".wb-notebook .wb-field", state="attached")
    page.get_by_role("button", name="Start", exact=True).first.click()
    page.wait_for_function(f"() => ({STEPS})().length >= 3")
    shoot(page, "lab_train")
    (lab.notebooks / "go").touch()
    ready(page, "train")
    assert page.evaluate(NAMELESS) == []
    save(page)
    assert (lab.notebooks / "train.ipynb").stat().st_size < SIZE
    page.reload()
    ready(page, "train")
    page.wait_for_function(f"() => ({STEPS})().length >= 3")
    # The panel is there again, and its picture has made room for it.
    page.locator(".wb-still").wait_for(state="hidden")
    assert page.locator(".wb-notebook").first.is_visible()
    # So it has where the picture was drawn after the panel, which hides only what it meets.
    page.evaluate(DRAWN_LATER)
    assert not page.locator(".wb-still").is_visible()
    restart(page, "train")
    page.reload()
    ready(page, "train")
    # Its widget is gone with its kernel: the picture stays, and no message beside it.
    page.locator(".wb-still").wait_for()
    assert not page.locator(".wb-notebook").first.is_visible()
    message = page.get_by_text("Error displaying widget")
    message.wait_for(state="attached")
    message.wait_for(state="hidden")
    shoot(page, "lab_kernel_gone")
    run_all(page)
    page.locator(".wb-still").wait_for(state="hidden")
    page.wait_for_function(f"() => ({STEPS})().length === 30")
    page.wait_for_selector(".wb-monitor-head .wb-state-finished")
    assert has_no_gap(page.evaluate(STEPS))
    names = [path.name for path in (lab.folder / "runs").iterdir() if "global" in path.name]
    assert len(names) == 1, "a new kernel takes the run up, and starts no other"


@pytest.mark.long
def test_clicks_are_known_in_python_and_nothing_is_left(lab, visit, shoot):
    lab.write(
        "inside",
        "import json\nfrom pathlib import Path\n"
        "from workbench.ui.notebook import MapPanel, RankingsPanel\n"
        "def told(name):\n"
        "    return lambda value: Path(name).write_text(json.dumps(value))\n"
        "ranked = RankingsPanel('by hand', query=0)\n"
        "ranked.on_change(told('ranked.json'))\nranked",
        "chart = MapPanel('by hand')\nchart.on_change(told('chart.json'))\nchart",
        "ranked",
    )
    watched = visit(lab, allowed=ALLOWED)
    watched.page.add_init_script(WATCH)
    page = open_notebook(watched, "inside")
    run_all(page)
    tile = page.locator(".wb-notebook .wb-tile img").nth(1)
    # Pictures come when they are near to being seen.
    tile.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.wb-tile img')].some(one => one.naturalWidth > 1)"
    )
    shoot(page, "lab_rankings")
    theme(page, "JupyterLab Dark")
    shoot(page, "lab_rankings_dark")
    tile.click()
    path = lab.notebooks / "ranked.json"
    until(lambda: path.exists() and read(path).get("source") == "gallery")
    click_on_map(page)
    chart = lab.notebooks / "chart.json"
    until(lambda: chart.exists() and read(chart).get("point") is not None)
    shoot(page, "lab_map_dark")
    assert page.evaluate(NAMELESS) == []
    page.evaluate("() => window.jupyterapp.commands.execute('editmenu:clear-all')")
    page.wait_for_function("() => !document.querySelector('.wb-notebook')")
    page.wait_for_function("() => window.left.size === 0")
    assert not (lab.notebooks / "runs").exists(), "the runs folder is that of every face"


def read(path):
    """What Python has written so far, nothing in the middle of it."""
    try:
        return json.loads(path.read_text())
    except ValueError:
        return {}


def click_on_map(page):
    plot = page.locator(".wb-map-frame .js-plotly-plot")
    plot.wait_for()
    plot.scroll_into_view_if_needed()
    place = page.evaluate(
        """async () => {
          const plot = document.querySelector('.wb-map-frame .js-plotly-plot');
          while (!plot._fullLayout?.xaxis?._length || !plot.data?.[0]?.x?.length) {
            await new Promise((resume) => setTimeout(resume, 50));
          }
          const { xaxis, yaxis } = plot._fullLayout;
          const box = plot.getBoundingClientRect();
          return [
            box.left + xaxis._offset + xaxis.d2p(plot.data[0].x[0]),
            box.top + yaxis._offset + yaxis.d2p(plot.data[0].y[0]),
          ];
        }"""
    )
    page.mouse.move(*place)
    page.mouse.click(*place)

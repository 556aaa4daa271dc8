"""Published systems on the Train tab: a pasted command, the miniature's switch, the citation."""

import pytest

from tests.browser.acts import NAMELESS, unfold, wait_for_state, wait_for_steps
from workbench.runs.devices import installed_devices
from workbench.runs.folder import RunFolder

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]
COMMAND = "python train.py --PCB --train_all --lr 0.01 --name stripes"
GPU_COMMAND = (
    "python train.py --net regnet_y_1_6gf --decoder rpm_max --img-height 128 --img-width 64"
    " --batch-size 8 --instance-num 4 --dataset market1501 --gpus 3"
)
CHANGED = '#editor .wb-changed[data-path="{}"]'


def translate(page, command):
    page.get_by_label("Command of a published system").fill(command)
    page.get_by_role("button", name="Translate").click()


def chosen(page, preset):
    page.wait_for_selector(f'#editor input[value="{preset}"]:checked', state="attached")


def test_a_published_command_is_pasted_tried_small_and_cited(prepared, visit, shoot):
    # The browser itself writes a refused request into its console.
    settings = {"permissions": ["clipboard-read", "clipboard-write"]}
    page = visit(prepared, allowed=("status of 409",), **settings).open()
    switch = page.locator("#editor").get_by_label("Try it on a miniature")
    chosen(page, "playground/quick")
    assert not switch.is_visible()
    unfold(page, "Paste a published system's command")
    translate(page, "python train.py --PCD")
    page.locator(".wb-paste-found").get_by_text("Did you mean --PCB?").wait_for()
    translate(page, COMMAND)
    found = page.get_by_role("article", name="A training: layumi/pcb")
    found.get_by_text("training.optimizer.learning_rate").wait_for()
    assert "run.name = stripes" in found.inner_text()
    shoot(page, "paste")
    assert page.evaluate(NAMELESS) == []
    found.get_by_role("button", name="Use it").click()
    found.get_by_text("layumi/pcb is in the form below.").wait_for()
    page.wait_for_selector(CHANGED.format("training.optimizer.learning_rate"), state="attached")
    chosen(page, "layumi/pcb")
    switch.click()
    page.wait_for_selector(CHANGED.format("data.root"), state="attached")
    page.wait_for_selector(CHANGED.format("model.weights.kind"), state="attached")
    shoot(page, "miniature")
    switch.click()
    page.wait_for_selector(CHANGED.format("data.root"), state="detached")
    page.wait_for_selector(CHANGED.format("training.optimizer.learning_rate"), state="attached")
    page.locator("#editor").get_by_role("button", name="Copy BibTeX").click()
    page.wait_for_function(
        "async () => (await navigator.clipboard.readText()).includes('{sun2018beyond')"
    )


def test_a_pasted_command_that_names_a_gpu_is_tried_small_and_started_here(server, visit):
    if len(installed_devices()) > 1:
        pytest.skip("this machine has a GPU")
    server.start()
    page = visit(server).open()
    unfold(page, "Paste a published system's command")
    translate(page, GPU_COMMAND)
    found = page.get_by_role("article", name="A training: rpm/market1501")
    found.get_by_text("not on this machine; the best device is used").wait_for()
    found.get_by_role("button", name="Use it").click()
    chosen(page, "rpm/market1501")
    device = page.locator("#editor").get_by_label("Device", exact=True)
    assert device.input_value() == "auto"
    page.locator("#editor").get_by_label("Try it on a miniature").click()
    page.wait_for_selector(CHANGED.format("data.root"), state="attached")
    page.locator("#editor").get_by_role("button", name="Start").click()
    wait_for_steps(page, 1)
    run = RunFolder(next(path for path in server.runs.iterdir() if path.name[0] != "."))
    assert run.status().devices == ("cpu",)
    page.locator("#monitor").get_by_role("button", name="Stop").click()
    wait_for_state(page, "stopped")


def test_it_fits_a_phone_in_the_dark(prepared, visit, shoot):
    page = visit(prepared, width=420, dark=True).open("?preset=rpm/market1501")
    chosen(page, "rpm/market1501")
    unfold(page, "Paste a published system's command")
    translate(page, "python test.py --multi --name warm")
    page.get_by_role("article", name="An evaluation").wait_for()
    page.locator("#editor").get_by_label("Try it on a miniature").click()
    page.wait_for_selector(CHANGED.format("data.root"), state="attached")
    shoot(page, "published_phone_dark", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420

"""A lesson in a real JupyterLab: asked, answered, worked with, and there again after a reload."""

import shutil

import pytest

from tests.browser.acts import NAMELESS
from tests.browser.jupyter import Lab, open_notebook, ready, run_all, save

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

ALLOWED = ("GPU stall", "favicon")
CHANGED = "text => document.querySelector('.wb-lesson-parts')?.dataset.cards === text"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    made = Lab(tmp_path_factory.mktemp("lesson"))
    try:
        yield made.start()
    finally:
        made.stop()
    shutil.rmtree(made.folder, ignore_errors=True)


@pytest.mark.long
def test_a_lesson_in_a_notebook(lab, visit, shoot):
    lab.write(
        "lesson",
        "from workbench.ui.notebook import LessonPanel\n"
        "lesson = LessonPanel('figures', setting='cards:wwm')\nlesson",
        "print('chose', await lesson.answered())",
    )
    page = open_notebook(visit(lab, allowed=ALLOWED), "lesson")
    # The second cell waits for the answer: the panel is answered all the same.
    run_all(page, wait=False)
    page.get_by_text("Neither, both find all three").click()
    assert page.locator(".wb-lesson-interactive").count() == 0
    page.get_by_role("button", name="Answer", exact=True).click()
    page.wait_for_function(CHANGED, arg="wwm")
    page.get_by_text("chose same").wait_for()
    page.locator(".wb-learn-card").nth(2).get_by_role("button", name="Move left").click()
    page.wait_for_function(CHANGED, arg="wmw")
    page.get_by_role("button", name="Check the claims").click()
    page.get_by_text("5 of 5 hold.").wait_for()
    shoot(page, "lab_lesson")
    assert page.evaluate(NAMELESS) == []
    save(page)
    page.reload()
    ready(page, "lesson")
    page.wait_for_function(CHANGED, arg="wmw")

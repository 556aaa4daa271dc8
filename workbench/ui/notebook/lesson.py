"""A lesson as a notebook widget: question, interactive, claims."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pandas as pd
from traitlets import Unicode

from workbench.lessons.texts import lesson
from workbench.runs.folder import RunFolder
from workbench.runs.registry import find_run
from workbench.ui import lesson_view
from workbench.ui.notebook.panel import Panel
from workbench.ui.notebook.still import paragraph

LOOK_SECONDS = 0.5


class LessonPanel(Panel):
    """A lesson, the same as in the page's Learn tab.

    Its value is ``{lesson, setting, hide, answers}``: which lesson, the state of its interactive as
    a link holds it, which controls are hidden, and what was answered so far.

        >>> from workbench.ui.notebook import LessonPanel
        >>> panel = LessonPanel("figures", setting="cards:mwm")
        >>> panel.answer("second")["agreed"]
        True
        >>> bool(panel.check()["holds"].all())
        True
    """

    _panel = Unicode("learn").tag(sync=True)
    title = "Lesson"

    def __init__(
        self, name: str = "figures", *, setting: str = "", hide: str = "lessons,link"
    ) -> None:
        """Open a lesson. Raises DataError where there is none of this name."""
        lesson(name)
        shown = {"lesson": name, "setting": setting, "hide": hide, "answers": {}}
        super().__init__(shown)
        self._run = ""

    def answer(self, choice: str) -> Mapping[str, Any]:
        """Answer the question and reveal what follows. Raises DataError for another choice."""
        told = lesson_view.answered(self.value["lesson"], choice)
        answers = {**self.value.get("answers", {}), self.value["lesson"]: choice}
        self.value = {**self.value, "answers": answers}
        return told

    async def train(self) -> RunFolder:
        """Start the real training of the lesson on losses: ``run = await lesson.train()``.

        Returns the run once it has ended. The kernel answers the panel meanwhile.
        """
        self._run = lesson_view.start_training()["run"]
        run = find_run(self._run)
        while run.status().alive:
            await asyncio.sleep(LOOK_SECONDS)
        return run

    def to_dataframe(self) -> pd.DataFrame:
        """The claims of the lesson on what was computed: words, holds, bound, margin."""
        name = self.value["lesson"]
        if name == "losses":
            claims = lesson_view.loss_claims(self._run)
        else:
            opened = lesson_view.opened_lesson(name, self.value.get("setting", ""))
            claims = lesson_view.figure_claims(opened["setting"]["cards"])
        return pd.DataFrame(claims, columns=["words", "holds", "bound", "margin"])

    def check(self) -> pd.DataFrame:
        """The claims; raises AssertionError naming those that do not hold."""
        claims = self.to_dataframe()
        failed = claims.loc[~claims["holds"], "words"].tolist()
        if failed:
            raise AssertionError(f"{len(failed)} of {len(claims)} claims do not hold: {failed}")
        return claims

    def to_html(self) -> str:
        """The question, which is all that may be told without an answer."""
        texts = lesson(self.value["lesson"])
        return paragraph(texts.title) + paragraph(texts.question.text)

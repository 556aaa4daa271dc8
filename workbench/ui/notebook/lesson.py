"""A lesson as a notebook widget: question, interactive, claims."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pandas as pd
from traitlets import Unicode

from workbench.errors import RunNotFound
from workbench.lessons.texts import ENGLISH, lesson
from workbench.runs.folder import RunFolder
from workbench.runs.management import find_run
from workbench.ui.notebook.panel import Panel
from workbench.ui.notebook.still import paragraph, table
from workbench.ui.views.learn import lesson_view

LOOK_SECONDS = 0.5


class ClaimTable(pd.DataFrame):
    """Claims, a row each, shown whole: ``words``, ``holds``, ``bound``, ``margin``."""

    def _repr_html_(self) -> str:
        """The table with its sentences uncut; IPython asks for it (its own name)."""
        return table(self)


class LessonPanel(Panel):
    """A lesson, the same as in the page's Learn tab.

    Its value is ``{lesson, setting, hide, language, training, answers}``: which lesson, the state
    of its interactive as a link holds it, which controls are hidden, the language of its texts, the
    run of its real training, and what was answered so far.

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
        self,
        name: str = "figures",
        *,
        setting: str = "",
        hide: str = "lessons,link",
        language: str = ENGLISH,
    ) -> None:
        """Open a lesson. Raises DataError where there is none of this name, or in this language."""
        lesson(name, language)
        super().__init__(
            {
                "lesson": name,
                "setting": setting,
                "hide": hide,
                "language": language,
                "training": "",
                "answers": {},
            }
        )

    @property
    def _language(self) -> str:
        return self.value.get("language") or ENGLISH

    def answer(self, choice: str) -> Mapping[str, Any]:
        """Answer the question and reveal what follows. Raises DataError for another choice."""
        told = lesson_view.answered(self.value["lesson"], choice, self._language)
        answers = {**self.value.get("answers", {}), self.value["lesson"]: choice}
        self.value = {**self.value, "answers": answers}
        return told

    async def answered(self) -> str:
        """The answer, once there is one: ``await lesson.answered()`` in a cell.

        What stands below is not run before. The kernel answers the panel meanwhile.
        """
        while self.value["lesson"] not in self.value.get("answers", {}):
            await asyncio.sleep(LOOK_SECONDS)
        return self.value["answers"][self.value["lesson"]]

    async def train(self) -> RunFolder:
        """The real training of the lesson on losses, once it has ended: ``await lesson.train()``.

        Started here where the panel's own button has not done it. The kernel answers the panel
        meanwhile.
        """
        run = self._training()
        if run is None:
            run = find_run(lesson_view.start_training(self._language)["run"])
            self.value = {**self.value, "training": run.id}
        while run.status().alive:
            await asyncio.sleep(LOOK_SECONDS)
        return run

    def _training(self) -> RunFolder | None:
        """The run of the real training, where it has not been deleted."""
        with suppress(RunNotFound):
            return find_run(self.value["training"]) if self.value.get("training") else None
        return None

    def to_dataframe(self) -> pd.DataFrame:
        """The claims of the lesson on what was computed: words, holds, bound, margin."""
        name = self.value["lesson"]
        if name == "losses":
            run = self._training()
            claims = lesson_view.loss_claims(run.id if run else "", self._language)
        else:
            opened = lesson_view.opened_lesson(name, self.value.get("setting", ""))
            claims = lesson_view.figure_claims(opened["setting"]["cards"], self._language)
        return pd.DataFrame(claims, columns=["words", "holds", "bound", "margin"])

    def check(self) -> ClaimTable:
        """The claims; raises AssertionError naming those that do not hold."""
        claims = self.to_dataframe()
        failed = claims.loc[~claims["holds"], "words"].tolist()
        if failed:
            raise AssertionError(f"{len(failed)} of {len(claims)} claims do not hold: {failed}")
        return ClaimTable(claims)

    def to_html(self) -> str:
        """The question, which is all that may be told without an answer."""
        texts = lesson(self.value["lesson"], self._language)
        return paragraph(texts.title) + paragraph(texts.question.text)

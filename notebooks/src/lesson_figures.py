# %% [markdown]
# # Lesson: what the figures mean
#
# About twelve minutes. Run the first two cells (Shift-Enter), then answer the question in the panel: what
# follows it is shown only then. No training, no download.

# %% tags=["parameters"]
ANSWER = ""  # an answer given beforehand: first, second or same
SETTING = ""  # the list to begin with, for example cards:mw=mwd

# %%
from workbench.ui.notebook import LessonPanel

lesson = LessonPanel("figures", setting=SETTING)
if ANSWER:
    lesson.answer(ANSWER)
lesson

# %% [markdown]
# ## What the lesson claims
#
# When you have built your list, run this cell. Each row is an assertion about the list as it stands now; the
# margin says by how much it holds. Nothing is told before the question is answered.

# %%
await lesson.answered()
lesson.check()

# %% [markdown]
# ## The same by hand
#
# The library counts any ranking this way. Here is model A's list of the question: the right answers lie at
# ranks 1, 9 and 10.

# %%
import numpy as np

import workbench

await lesson.answered()
ranks = np.arange(1.0, 11.0)
gallery = np.stack([ranks, np.zeros(10)], axis=1)
report = workbench.evaluate(
    np.zeros((1, 2)), gallery,
    query_ids=np.array([1]), gallery_ids=np.isin(ranks, [1, 9, 10]).astype(int),
    query_cameras=np.array([1]), gallery_cameras=np.full(10, 2),
    distance="euclidean",
)
by_hand = (1 / 1 + 2 / 9 + 3 / 10) / 3
assert abs(report.mAP - by_hand) < 1e-12
print(f"AP {report.mAP:.1%}, by hand {by_hand:.1%}, Rank-1 {report.rank[1]:.0%}")

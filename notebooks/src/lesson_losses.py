# %% [markdown]
# # Lesson: losses you can pull
#
# About fifteen minutes. Run the first two cells (Shift-Enter), then answer the question in the panel: what
# follows it is shown only then. Work with the panel before you go on to the cells below it. The first press of
# *Play* waits some seconds, until PyTorch is loaded.

# %% tags=["parameters"]
ANSWER = ""  # an answer given beforehand: all, semihard or hardest
SETTING = ""  # for example loss:triplet_semihard,likeness:0.3
TRAIN = True  # False: without the real training at the end

# %%
from workbench.ui.notebook import LessonPanel

lesson = LessonPanel("losses", setting=SETTING)
if ANSWER:
    lesson.answer(ANSWER)
lesson

# %% [markdown]
# ## One real training
#
# The same with drawn pedestrians: an ordinary, short run. The panel shows it, and has
# a button that starts it as well; it also stands on the page under *Runs*. Nothing is run before the question is
# answered.

# %%
await lesson.answered()
if TRAIN:
    run = await lesson.train()
    print(run.id, run.status().state)

# %% [markdown]
# ## What the lesson claims
#
# Small trainings in the plane are run again from fixed seeds, and the real one is looked up. Each row is an
# assertion; the margin says by how much it holds.

# %%
await lesson.answered()
lesson.check()

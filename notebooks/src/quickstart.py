# %% [markdown]
# # Quickstart
#
# A model that recognises people again, trained on this machine: its curves, what it ranks, why, and a map of
# what it has learned. All cells together take a few minutes on two processor cores. The people are drawn
# here; nothing is downloaded.
#
# Run the cells one after the other (Shift-Enter). Everything you see is also on the page (`make app`),
# over the same runs.

# %% tags=["parameters"]
PRESET = "playground/quick"
# Shorter than the preset's 280 steps, which end higher: take the last three out for these.
OVERRIDES = {
    "run.name": "quickstart",
    "training.length.count": 140,
    "training.schedule.warmup.count": 20,
    "training.evaluate.count": 70,
}
START = True  # False: you press Start yourself, in the panel of the next cell

# %% [markdown]
# ## Train
#
# The panel shows the recipe and, below it, the run that came of it. The training is a process of its own: it
# goes on when this notebook, its kernel or the browser is closed, and *Stop* and *Resume* are in the panel.

# %%
from workbench.ui.notebook import CurvesPanel, MapPanel, PartsPanel, RankingsPanel, TrainPanel

train = TrainPanel(PRESET, OVERRIDES)
if START:
    train.start()
train

# %% [markdown]
# This cell waits until the run has ended. You can interrupt it (■) and look around: the run
# goes on.

# %%
run = await train.ended()
run.status().state

# %% [markdown]
# ## Curves
#
# mAP is evaluated for the weights as they are (raw) and for their running average, on people who were
# not trained on. Every panel is also plain Python: a table, a figure, a value that can be watched.

# %%
curves = CurvesPanel(run)
curves

# %%
points = curves.to_dataframe()
evaluated = points[points["series"].isin(["raw.mAP", "averaged.mAP"])]
evaluated.pivot(index="step", columns="series", values="value").round(3)

# %% [markdown]
# ## Rankings
#
# The worst query first: many wrong answers are look-alikes, who differ from the query in one part only.
# Click any image to make it the query.

# %%
rankings = RankingsPanel(run)
rankings

# %%
rankings.to_dataframe().head(10)

# %% [markdown]
# ## Why two images are alike
#
# The similarity of a pair is a sum over parts: what each is worth, and where on the images it comes from.
# The first answer takes some seconds, because the network has to be loaded.

# %%
source, query = rankings.query()
parts = PartsPanel(run, query)
parts.to_dataframe()

# %%
parts

# %% [markdown]
# ## The map
#
# Every image is a point, and images that the network finds alike lie near each other. Click a point.

# %%
chart = MapPanel(run)
chart

# %% [markdown]
# What is clicked is known in Python, and what Python changes is seen:

# %%
stop = chart.on_change(lambda value: print("point", value["point"]))
chart.show(point=0)
stop()

# %% [markdown]
# ## All of it
#
# `workbench.lab()` shows all panels as tabs, one leading to another.
# Next: *your_own_folder* does the same with images of your own.

# %%
assert run.status().state == "finished"
figures = run.status().metrics["averaged"] or run.status().metrics["raw"]
print(f"mAP {figures['mAP']:.1%}, Rank-1 {figures['rank1']:.1%}")

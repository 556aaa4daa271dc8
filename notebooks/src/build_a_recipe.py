# %% [markdown]
# # Build a recipe
#
# A part model is data: branches, each with regions, a pool, a neck. Compose one in YAML, then compare it with
# the ideas of two published systems over three seeds: stripes as in PCB (Sun et al. 2018, arXiv 1711.09349) and
# groups of channels under learned masks as in RPM. Everything is small, on drawn pedestrians, and takes a few
# minutes on two cores; so the figures say nothing about those systems on real data.

# %% tags=["parameters"]
SEEDS = (0, 1, 2)
SMALL = {
    "data.dataset.train_identities": 16,
    "data.dataset.test_identities": 12,
    "data.dataset.image_height": 64,
    "data.height": 64,
    "data.width": 32,
    "data.sampler.identities": 8,
    "model.backbone.width": 16,
    "training.length.count": 60,
    "training.schedule.warmup.count": 10,
    "training.evaluate.count": 60,
    "run.threads": 1,
}

# %% [markdown]
# ## Yours
#
# Each name is a branch; `null` takes one of the preset's away. Change what you like: what cannot be is refused in
# one sentence, before anything is trained. Try `count: 3`, or `kind: generalised_mean`.

# %%
import yaml

import workbench

YAML = """
whole:
  pool: {kind: average}
  neck: {bnneck: {bias: frozen}}
halves:
  regions: {kind: row_stripes, count: 2}
  pool: {kind: max}
  neck: {width: 64, bias: false, bnneck: {bias: frozen}}
stripes: null
"""
mine = {f"model.branches.{name}": branch for name, branch in yaml.safe_load(YAML).items()}
recipe = workbench.resolve("playground/quick", {**SMALL, **mine})
for name, branch in recipe.model.branches.items():
    print(name, branch.regions.kind, branch.pool.kind)

# %%
try:
    workbench.resolve("playground/quick", {"model.branches.whole.pool.kind": "maximum"})
except workbench.WorkbenchError as error:
    print(error)

# %% [markdown]
# ## The three
#
# PCB's idea is stripes alone, each with a classifier of its own and no triplets; RPM's stands in the preset
# `playground/channels`.

# %%
recipes = {
    "yours": ("playground/quick", mine),
    "stripes, as PCB": ("playground/quick", {"model.branches.whole": None, "losses.triplet": None}),
    # Masks start on one stripe: the feature map of so small an image has four rows.
    "masks, as RPM": ("playground/channels", {"model.branches.groups.regions.start_stripes": 1}),
}

# %% [markdown]
# ## Train
#
# Runs wait for each other, one at a time on a device. They are all on the page under *Runs*.

# %%
import time

runs = {
    (name, seed): workbench.start(
        preset, {**SMALL, **changes, "training.seed": seed, "run.name": f"{name}, seed {seed}"}
    )
    for name, (preset, changes) in recipes.items()
    for seed in SEEDS
}
while any(run.status().alive for run in runs.values()):
    time.sleep(0.5)
states = {run.status().state for run in runs.values()}
assert states == {"finished"}, states

# %% [markdown]
# ## Compare
#
# One seed is an anecdote: look at the spread over seeds before you believe a difference.

# %%
import pandas as pd

rows = [
    {"recipe": name, "seed": seed, "mAP": run.status().metrics["raw"]["mAP"]}
    for (name, seed), run in runs.items()
]
table = pd.DataFrame(rows).groupby("recipe")["mAP"].agg(["mean", "min", "max", "count"])
table.round(3)

# %%
spread = (table["max"] - table["min"]).max()
gap = table["mean"].max() - table["mean"].min()
verdict = "more" if gap > spread else "no more"
print(f"The means differ by {gap:.3f}, {verdict} than one recipe does from seed to seed ({spread:.3f}).")

# %%
from workbench.ui.notebook import ComparePanel

ComparePanel([runs[name, SEEDS[0]] for name in recipes])

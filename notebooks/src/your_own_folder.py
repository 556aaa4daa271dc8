# %% [markdown]
# # Your own folder
#
# A folder of labelled crops, one sub-folder for each identity (a person, a vehicle, an animal, a product):
# checked, trained on, evaluated leave-one-out, and ranked. Your images stay on this machine.
#
# Re-identification finds people again. Use images of people only with a lawful purpose and the consent of
# those who are in them.

# %% tags=["parameters"]
FOLDER = None  # your folder; None draws a small one, to see how it goes
CAMERA_PATTERN = r"_c(\d+)"  # finds the camera in a file name; None where there is none
PRESET = "playground/quick"  # "baseline/folder" is the strong one: it wants a GPU and ImageNet weights
OVERRIDES = {"run.name": "own folder", "training.length.count": 160}

# %% [markdown]
# ## The folder
#
# ```
# my_crops/
#   0001/  0001_c1_0005.jpg  0001_c3_0107.jpg ...
#   0002/  ...
# ```
#
# Every file is read once and everything that is wrong is said, with its cure.

# %%
import subprocess
import sys


def workbench_command(*words):
    """A command of the shell, `workbench ...`, with what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "workbench", *words], capture_output=True, text=True
    )
    print(done.stdout, done.stderr)
    return done.stdout.strip().splitlines()[-1]


if FOLDER is None:
    FOLDER = workbench_command("data", "make", "miniature", "prepared") + "/train_all"
workbench_command("data", "check", str(FOLDER), "--kind", "folder")

# %% [markdown]
# ## Train
#
# Some identities (30 % here, chosen by a seed) are held out: nobody is evaluated on people that were trained
# on. A batch holds several images of several identities, so the sampler must not ask for more identities
# than there are: the panel says so beside the setting where it does.

# %%
import workbench
from workbench.ui.notebook import RankingsPanel, TrainPanel

recipe = OVERRIDES | {
    "data.dataset.kind": "folder",
    "data.dataset.camera_pattern": CAMERA_PATTERN,
    "data.root": str(FOLDER),
    "data.sampler.identities": 8,
}
train = TrainPanel(PRESET, recipe)
train.start()
train

# %%
run = await train.ended()
run.status().state

# %% [markdown]
# ## Evaluate
#
# Leave-one-out: each held-out image is the query once, against all other held-out images. Where cameras
# are known, images of the query's own camera do not count: recognising the background is no feat.

# %%
workbench.evaluate_run(run)["metrics"]

# %%
report = workbench.open_rankings(run).report
print(f"{report.num_valid} queries count, {report.num_skipped} have no other image to be found")

# %% [markdown]
# ## Rank
#
# The worst queries first. An image of your own, which is in no folder, can be dropped into the panel.

# %%
rankings = RankingsPanel(run)
rankings

# %%
assert run.status().state == "finished"
rankings.to_dataframe()

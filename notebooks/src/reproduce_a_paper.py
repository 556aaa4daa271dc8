# %% [markdown]
# # Reproduce a paper
#
# A paper prints a figure, its code a command. What would it take to get the figure here? Paste the command: it
# becomes a recipe in which every setting can be read and compared. The recipe is then run on this machine for a few
# minutes, on a *miniature* of its data set, and at the end stands what to change for the real data.
#
# **What a miniature can tell:** that the command is understood, that the network is built as published, that losses,
# sampling, schedule and averaging run to their end, and that figures are counted by the published protocol.
#
# **What it cannot tell:** how good the system is. The pictures are drawn, small, and of a few people only;
# the network starts from random weights and is trained for six epochs or steps. Do not compare its metrics with the
# paper's: they measure something else.

# %% tags=["parameters"]
# One training of each system: its program, and what is said to it. Take another, or paste a command of your own.
TRAININGS = {
    "rpm": ("python train.py", {
        "--net": "regnet_y_1_6gf", "--dataset": "market1501", "--dataset-root": "../datasets",
        "--decoder": "rpm_max", "--num-part": 2, "--num-stripe": 1, "--use-global": True,
        "--feat-num": 256, "--triplet-weight": 1.0, "--ada-gamma": "0.10", "--freeze": "stem",
        "--img-height": 384, "--img-width": 128, "--batch-size": 24, "--instance-num": 4,
        "--lr": "5.0e-2", "--epochs": "5,75", "--erasing": "0.30", "--ema-ratio": "0.80",
        "--ema-extra": 25,
    }),
    "msvit": ("python train.py", {
        "--net": "msvit_s", "--dataset": "market1501", "--dataset-root": "../datasets",
        "--num-part": 2, "--triplet-weight": 1.0, "--freeze": "stem", "--img-height": 384,
        "--img-width": 128, "--batch-size": 24, "--instance-num": 4, "--lr": "5.0e-2",
        "--epochs": "5,75", "--erasing": "0.40", "--split-size": "8,8", "--sparse-ratio": 0.3,
        "--drop-path": "0.10", "--ema-ratio": "0.80", "--ema-extra": 25,
    }),
    "layumi": ("python train.py", {"--name": "PCB", "--PCB": "", "--train_all": "", "--lr": 0.02}),
    "nama": ("python3 train.py --config_file=configs/softmax_triplet.yml", {
        "MODEL.NAME": "resnet50", "MODEL.F_BASE": "nn_128", "MODEL.NECK": "no",
        "MODEL.ARCH": "uc-bn-no", "MODEL.METRIC_LOSS_TYPE": "uc-tri-n",
        "MODEL.CLS_LOSS_TYPE": "softmax", "DATASETS.NAMES": "market1501",
        "DATASETS.COMBINE_ALL": False, "DATALOADER.NUM_INSTANCE": 10, "SOLVER.IMS_PER_BATCH": 120,
        "SOLVER.WEIGHT_DECAY_POLY": "1e-1", "SOLVER.MARGIN": 0.2, "SOLVER.TRI_LOSS_WEIGHT": 1,
        "SOLVER.WEIGHT_DECAY_NECK": "5e-4", "SOLVER.WEIGHT_DECAY": "5e-4", "SOLVER.S": 32,
        "SOLVER.WARMUP_ITERS": 20, "SOLVER.STEPS": "'60, 120'", "SOLVER.MAX_EPOCHS": 180,
        "SOLVER.EVAL_PERIOD": 60, "SEED": 42,
    }),
    "mgn": ("python train_net.py", {"--config-file": "configs/mgn_market1501.yml"}),
}
COMMANDS = {
    system: " ".join([program, *(f"{flag} {value}".strip() for flag, value in said.items())])
    for system, (program, said) in TRAININGS.items()
}
COMMAND = COMMANDS["rpm"]
SMALLER = {}  # what else to change for the trial, for example {"training.length.count": 2}

# %% [markdown]
# ## The command, read
#
# Nothing of the text is run. Each flag is looked up in the table of that program's flags: it is a setting, or it has
# no effect and that is said, or it is refused.

# %%
from workbench.ui.notebook import published

print(COMMAND)
paper = published(COMMAND)
paper

# %% [markdown]
# A published command should be its preset and nothing else. One with a flag changed differs in just that:

# %%
published("python train.py --PCB --train_all --lr 0.01").to_dataframe()

# %% [markdown]
# Flags that the authors' program reads and never uses are accepted, and said to have no effect. What is not built
# here is refused by name, and a typing error is answered with the nearest flag:

# %%
import workbench

print(*published("python train.py --net regnet_y_1_6gf --lr-decay 0.5").notes, sep="\n")
for wrong in ("python train.py --PCB --aiter 5", "python train.py --PCB --dorprate 0.5"):
    try:
        published(wrong)
    except workbench.WorkbenchError as refused:
        print(f"{wrong}\n  refused: {refused}")

# %% [markdown]
# ## On a miniature
#
# The switch beside *Start* does the same on the page. In the panel stands, under *What differs from the preset*,
# each setting that the trial changes; everything else is as published.

# %%
from workbench.ui.notebook import TrainPanel

small = paper.on_miniature({"run.name": "on a miniature", **SMALLER})
train = TrainPanel(paper.preset, small)
train.start()
train

# %%
run = await train.ended()
run.status().state

# %% [markdown]
# ## Reported against measured
#
# The last checkpoint is embedded and evaluated again, by the protocol of the recipe. *value* is what the
# authors print, *here* what came out.

# %%
import pandas as pd

pd.set_option("display.max_colwidth", None)
found = workbench.evaluate_run(run)
columns = ["name", "weights", "value", "here", "protocol"]
if not found["reported"]:
    print("Its authors print no figure with this recipe. Here:", found["metrics"])
pd.DataFrame(found["reported"], columns=columns)

# %% [markdown]
# The figures cannot be compared, and this is everything that keeps them from it:

# %%
print("Counted here by:", found["protocol"])
settings = found["differs"] or [
    f"{path} = {here} here, {there} in {paper.preset}."
    for path, here, there in train.to_dataframe().itertuples(index=False)
]
print(*settings, *found["notes"], sep="\n")

# %% [markdown]
# What can be checked on a miniature: the run came to its end, its loss moved, and the checkpoint read from disk
# gives the metrics that the training gave.

# %%
from workbench.ui.notebook import CurvesPanel

points = CurvesPanel(run).to_dataframe()
loss = points.loc[points["series"] == "loss", "value"]
print(f"loss {loss.iloc[0]:.3f} at the first step, {loss.iloc[-1]:.3f} at the last of {len(loss)}")
for weights, figures in found["metrics"].items():
    trained = run.status().metrics.get(weights) or {}
    for name in trained.keys() & {"mAP", "rank1"}:
        print(f"{weights} {name}: {trained[name]:.4f} in training, {figures[name]:.4f} read again")
assert run.status().state == "finished"

# %% [markdown]
# ## For real
#
# The same preset on its own data set: where it comes from and on what terms, where it has to lie, which weights the
# network starts from, and the commands.

# %%
for what, words in paper.for_real().itertuples(index=False):
    print(f"{what}: {words}\n")

# %% [markdown]
# What then still differs is hardware, versions of libraries, chance, and what `docs/systems/` lists for the system. Before you call a difference of half a point a
# failure or a success, train again with other seeds (`--set training.seed=1`): one run is an anecdote. What cannot
# be reproduced at all, and what had to be inferred because nobody wrote it down, stands for each system in
# `docs/systems/`.

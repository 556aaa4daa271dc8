"""All commands with their arguments, each naming the function that does the work.

Functions are named, not imported: ``workbench list`` must not wait for what training needs.
"""

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias

from workbench.cli.output import Output
from workbench.cli.settings import add_flags
from workbench.cli.usage import Parser
from workbench.data.synthetic.miniatures import NAMES as MINIATURES
from workbench.explain.methods import METHODS
from workbench.recipe.settings.datasets import DATASETS, Playground

Command = Callable[[argparse.Namespace, Output], int]
PLAYGROUND_FLAGS = {
    "identities": "train_identities",
    "test-identities": "test_identities",
    "height": "image_height",
    "look-alikes": "look_alikes",
    "seed": "seed",
}
INSTEAD = {
    "sheet": "one sheet of the whole run instead",
    "masks": "the learned masks instead",
    "attention": "what a token listens to instead, on the query, or on --hit",
    "lengths": "lengths of vectors, certainty, and precision by length instead",
    "row": "the ranked row of the query instead",
    "curves": "the curves of the training instead",
}
"""What explain writes instead of a pair."""
Subparsers: TypeAlias = "argparse._SubParsersAction[Parser]"
COMMANDS = (
    "app",
    "list",
    "show",
    "translate",
    "train",
    "resume",
    "follow",
    "stop",
    "runs",
    "evaluate",
    "rank",
    "explain",
    "embed",
    "project",
    "data",
    "weights",
    "index",
    "bench",
)
RUN_HELP = "run id, a unique beginning of one, a name, last, or last~N"
SYSTEMS = ("rpm", "layumi", "msvit", "nama", "mgn")
WEIGHTS_HELP = "default: averaged where the recipe averages, else raw"
CHECKPOINT_HELP = "last (default), best by mAP, or a checkpoint by name"
UNTIL_HELP = "train to this length, also a finished run: steps, or '12 epochs'"
SCHEDULE_HELP = "--until: the schedule over the new length instead of the last learning rate"
VECTORS_HELP = "an .npy file, one row for each image, or what workbench embed wrote"
IMAGES_HELP = (
    "embed these images, rows in this order; of a folder all in it and below, sorted by path"
)
GALLERY_HELP = "--image: rank it against these images and folders, not the run's gallery"
EMBED_DATA_HELP = "another data set: its queries and gallery; without a layout as --images"
MINIATURE_HELP = "on the drawn miniature of its data set: smaller images, fewer epochs"
SETTING_HELP = "change a setting; repeatable. Every setting is also a flag: --data.height 256"


def parser(preset: str | None = None) -> Parser:
    """The parser of the whole command line; with a preset its help lists every setting."""
    top = Parser(prog="workbench", description="Train and look inside re-identification models.")
    commands = top.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    _app(commands)
    _recipes(commands, preset)
    _training(commands, preset)
    _runs(commands)
    _results(commands)
    _embeddings_and_explanations(commands)
    _data(commands)
    _weights(commands)
    _index(commands)
    bench = commands.add_parser("bench", help="measure: train, recipe PRESET..., retrieval")
    bench.add_argument("name", help="train, recipe or retrieval; each has its own --help")
    return top


def command_of(options: argparse.Namespace) -> Command:
    """What does the work of the command that was parsed; only now is its module loaded."""
    module, _, name = options.action.partition(".")
    return getattr(import_module(f"workbench.cli.commands.{module}"), name)


def _app(commands: Subparsers) -> None:
    app = _add(commands, "app", "opening.open_app", "serve the page and open it in the browser")
    app.add_argument("--port", help="WORKBENCH_PORT; default: 7860, or the next free one")
    app.add_argument("--host", help="WORKBENCH_HOST; only this machine's own address, 127.0.0.1")
    app.add_argument("--no-browser", action="store_true", help="WORKBENCH_BROWSER=0: open none")


def _recipes(commands: Subparsers, preset: str | None) -> None:
    _add(commands, "list", "recipes.list_presets", "list the presets")
    show = _add(commands, "show", "recipes.show_preset", "show a preset, resolved")
    show.add_argument("--cite", action="store_true", help="only how to cite it, as BibTeX")
    parameters_help = "also count its parameters, which builds the network"
    show.add_argument("--parameters", action="store_true", help=parameters_help)
    _preset(show, preset)
    translate_help = "say what a published system's command is here"
    translate = _add(commands, "translate", "translation.translate_command", translate_help)
    translate.add_argument("command", metavar="TEXT", help="the command line, in quotes")


def _training(commands: Subparsers, preset: str | None) -> None:
    train = _add(commands, "train", "training.train", "start a run and follow it")
    _preset(train, preset)
    resume = _add(commands, "resume", "training.resume_run", "go on from the last checkpoint")
    follow = _add(commands, "follow", "training.follow_run", "follow a run that is under way")
    stop = _add(commands, "stop", "training.stop_run", "stop a run after a checkpoint")
    resume.add_argument("--until", metavar="LENGTH", help=UNTIL_HELP)
    resume.add_argument("--follow-schedule", action="store_true", help=SCHEDULE_HELP)
    for command in (resume, follow, stop):
        command.add_argument("run", metavar="RUN", help=RUN_HELP)
    for command in (train, resume):
        command.add_argument("--detach", action="store_true", help="start only, do not follow")


def _runs(commands: Subparsers) -> None:
    top = _add(commands, "runs", "runs.list_all", "list runs; export, rename or delete one")
    actions = top.add_subparsers(metavar="ACTION", parser_class=Parser)
    export = _add(actions, "export", "runs.export", "write a run's curves to other formats")
    rename = _add(actions, "rename", "runs.rename", "give a run another name")
    delete = _add(actions, "delete", "runs.delete", "move a run to the trash folder")
    for command in (export, rename, delete):
        command.add_argument("run", metavar="RUN", help=RUN_HELP)
    export.add_argument("--to", default="csv", choices=["csv", "tensorboard"], help="format")
    export.add_argument("--out", metavar="PATH", help="file or folder; default: in the run")
    rename.add_argument("name", metavar="NAME", help="the new name")


def _results(commands: Subparsers) -> None:
    evaluate = _add(commands, "evaluate", "evaluating.evaluate", "evaluate weights of runs")
    evaluate.add_argument("run", metavar="RUN", nargs="+", help=RUN_HELP)
    rank = _add(commands, "rank", "results.rank", "print the ranked list of a query")
    rank.add_argument("run", metavar="RUN", help=RUN_HELP)
    for command in (evaluate, rank):
        command.add_argument("--weights", choices=["averaged", "raw"], help=WEIGHTS_HELP)
    evaluate.add_argument("--checkpoint", default="last", help=CHECKPOINT_HELP)
    evaluate.add_argument("--re-rank", action="store_true", help="also k-reciprocal re-ranking")
    evaluate.add_argument("--set", metavar="PATH=VALUE", help="change data.* or evaluation.*")
    evaluate.add_argument(
        "--data", action="append", metavar="KIND|PATH", help="another data set; repeatable"
    )
    evaluate.add_argument("--table", choices=["csv", "markdown"], help="runs by data sets")
    evaluate.add_argument("--lines", choices=SYSTEMS, help="print as a published system does")
    rank.add_argument("--checkpoint", help=CHECKPOINT_HELP)
    query = rank.add_mutually_exclusive_group()
    query.add_argument("--query", type=int, default=0, help="number of the query, from 0")
    query.add_argument("--image", metavar="FILE", help="any image file as the query instead")
    rank.add_argument("--gallery", metavar="PATH", nargs="+", help=GALLERY_HELP)
    rank.add_argument("-k", type=int, default=10, help="how many images")


def _embeddings_and_explanations(commands: Subparsers) -> None:
    explain = _add(commands, "explain", "explaining.explain", "draw why an image is ranked so")
    embed = _add(commands, "embed", "mapping.embed", "write the vectors of images to a file")
    for command in (explain, embed):
        command.add_argument("run", metavar="RUN", help=RUN_HELP)
        command.add_argument("--weights", choices=["averaged", "raw"], help=WEIGHTS_HELP)
        command.add_argument("--checkpoint", help=CHECKPOINT_HELP)
    explain.add_argument("--query", type=int, default=0, help="number of the query, from 0")
    explain.add_argument("--hit", type=int, help="rank of the image, from 1 (default: 1)")
    explain.add_argument("--method", default="evidence", choices=METHODS, help="kind of heatmap")
    instead = explain.add_mutually_exclusive_group()
    for flag, about in INSTEAD.items():
        instead.add_argument(f"--{flag}", action="store_true", help=about)
    explain.add_argument("--k", type=int, default=10, help="--row: how many images")
    fractions = {"type": float, "nargs": 2, "default": (0.5, 0.5), "metavar": ("TOP", "LEFT")}
    explain.add_argument(
        "--place", **fractions, help="--attention: of the token, from 0 to below 1"
    )
    block_help = "--attention: only this block, from 1; repeatable"
    explain.add_argument("--block", type=int, action="append", help=block_help)
    explain.add_argument("--out", required=True, metavar="FOLDER", help="where pictures go")
    others = embed.add_mutually_exclusive_group()
    others.add_argument("--images", metavar="FILE_OR_FOLDER", nargs="+", help=IMAGES_HELP)
    others.add_argument("--data", metavar="PATH", help=EMBED_DATA_HELP)
    embed.add_argument("--set", metavar="data.PATH=VALUE", help="embed other data")
    embed.add_argument("--out", required=True, metavar="FILE", help="a .npz file")
    project = _add(commands, "project", "mapping.project", "draw a map of embeddings as a page")
    project.add_argument("file", metavar="FILE", help="what workbench embed wrote")
    project.add_argument("--method", default="pca", choices=["pca", "umap"], help="kind of map")
    project.add_argument("--seed", type=int, default=0, help="umap: same seed, same map")
    project.add_argument("--out", required=True, metavar="PAGE", help="an .html file")


def _data(commands: Subparsers) -> None:
    top = _add(commands, "data", "data.list_known", "make, check and list data sets")
    actions = top.add_subparsers(metavar="ACTION", parser_class=Parser)
    make = _add(actions, "make", "data.make", "draw the playground, or a miniature of another set")
    make.add_argument("name", choices=["playground", "miniature"])
    make.add_argument("layout", nargs="?", choices=MINIATURES, help="of a miniature")
    for flag, field in PLAYGROUND_FLAGS.items():
        about = Playground.model_fields[field]
        help_text = f"{about.description} Default: {about.default}"
        make.add_argument(f"--{flag}", dest=field, metavar="VALUE", help=help_text)
    check = _add(actions, "check", "data.check", "read every image and say what is wrong")
    check.add_argument("path", metavar="PATH", help="a folder, or a CSV file of images")
    check.add_argument("--kind", choices=list(DATASETS.kinds))
    settings_help = "change data.dataset.* or evaluation.*, as a training would"
    check.add_argument("--set", metavar="PATH=VALUE", help=settings_help)
    export = _add(actions, "export", "data.export", "link a set into a folder for each identity")
    export.add_argument("form", choices=["layumi"], help="train, val, train_all, query, ...")
    export.add_argument("set", metavar="KIND|PATH", help="a known data set, or a folder")
    export.add_argument("--to", metavar="FOLDER", help="where to; it must not exist yet")
    _add(actions, "list", "data.list_known", "list known data sets")


def _weights(commands: Subparsers) -> None:
    top = _add(commands, "weights", "weights.list_files", "list, fetch or add pretrained weights")
    actions = top.add_subparsers(metavar="ACTION", parser_class=Parser)
    _add(actions, "list", "weights.list_files", "list the weights folder")
    fetch = _add(actions, "fetch", "weights.fetch", "fetch weights by their timm name")
    fetch.add_argument("name", metavar="NAME", help="e.g. resnet50.tv_in1k")
    add = _add(actions, "add", "weights.add", "copy a file into the weights folder")
    add.add_argument("file", metavar="FILE")


def _index(commands: Subparsers) -> None:
    top = commands.add_parser("index", help="build, search or serve an index of vectors")
    actions = top.add_subparsers(metavar="ACTION", required=True, parser_class=Parser)
    build = _add(actions, "build", "index.build", "build an index of vectors")
    build.add_argument("vectors", metavar="VECTORS", help=VECTORS_HELP)
    search = _add(actions, "search", "index.search", "print the nearest rows of each query")
    serve = _add(actions, "serve", "index.serve", "answer searches over HTTP")
    for command in (build, search, serve):
        command.add_argument("folder", metavar="INDEX", help="folder of the index")
    build.add_argument("--kind", default="ivf", choices=["flat", "ivf", "pq", "hnsw"])
    build.add_argument("--distance", default="cosine", choices=["cosine", "euclidean"])
    build.add_argument("--lists", type=int, help="default: four times the root of the images")
    build.add_argument("--probes", type=int, default=16, help="lists searched")
    build.add_argument("--shards", type=int, default=1, help="files; one is in memory at a time")
    build.add_argument("--code-bytes", type=int, default=64, help="bytes of a vector under pq")
    search.add_argument("queries", metavar="QUERIES", help=VECTORS_HELP)
    search.add_argument("-k", type=int, default=10, help="how many rows")
    search.add_argument("--probes", type=int, help="lists searched; default: as it was built")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=7870, help="0 for any that is free")


def _preset(command: Parser, preset: str | None) -> None:
    command.add_argument(
        "preset",
        metavar="PRESET",
        help="e.g. playground/quick, see list; or a recipe file, ./mine.yaml",
    )
    command.add_argument("--miniature", action="store_true", help=MINIATURE_HELP)
    command.add_argument("--set", metavar="PATH=VALUE", help=SETTING_HELP)
    if preset:
        shown = preset.replace("%", "%%")
        command.usage = f"{command.prog} {shown} [--set PATH=VALUE] [--data.height 256] ..."
        add_flags(command, preset)


def _add(commands: Subparsers, name: str, action: str, about: str) -> Parser:
    command = commands.add_parser(name, help=about, description=about.capitalize() + ".")
    command.add_argument("--json", action="store_true", help="one JSON object a line")
    command.set_defaults(action=action)
    return command

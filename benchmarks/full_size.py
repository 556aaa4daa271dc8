"""Each system's whole network at its published input size: a step of training, and its memory.

    .venv/bin/python benchmarks/full_size.py                        # a batch of 8 on the processor
    .venv/bin/python benchmarks/full_size.py --out benchmarks/README.md
    .venv/bin/python benchmarks/full_size.py --device cuda --batch published --precision bf16

A step is forward, all losses, backward and the optimizer, on images of noise that stay in memory,
with classifiers for the published number of identities and random weights. Each preset has a
process of its own, so that the peak is its own: of the device, or of the whole process on a
processor. Prints one JSON object a preset, and a table of them at the end; ``--out`` also writes it
as the section "Networks at full size" of a document.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
from pathlib import Path

import torch
from record import machine_in_words, table, write_section

from workbench.bench.bare_step import BareStep, step_seconds
from workbench.data.catalogue.training_size import identities_of
from workbench.experiment.networks import new_network, new_objective
from workbench.recipe.presets import load_preset
from workbench.runs.environment import machine
from workbench.training.memory import peak_megabytes

PRESETS = (
    *("rpm/market1501", "rpm/market1501_prelu", "msvit/market1501_s", "msvit/market1501_l"),
    *("layumi/market1501", "layumi/densenet121", "layumi/pcb", "nama/uc_tri_market1501"),
    *("nama/uc_cls_market1501", "mgn/market1501", "fastreid/mgn_market1501"),
    *("fastreid/agw_market1501", "fastreid/sbs_market1501"),
)

COLUMNS = ("preset", "parameters", "input", "batch", "images/s", "peak memory")


def steps(preset, options):
    """Seconds of each step after the first, which prepares kernels."""
    recipe, device = load_preset(preset), options.device
    classes = identities_of(recipe.data).count
    network = new_network(recipe, classes)
    objective = new_objective(recipe, network, classes)
    step = BareStep(recipe, network, objective, device, options.precision)
    count = recipe.data.sampler.batch_images if options.batch == "published" else int(options.batch)
    images, labels = step.batch(recipe, count, classes)
    seconds = [step_seconds(lambda: step(images, labels), device) for _ in range(options.steps + 1)]
    return {
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "input": [recipe.data.height, recipe.data.width],
        "batch": count,
        "loss": float(step(images, labels)),
        "seconds_a_step": seconds[1:],
        "images_per_second": count / statistics.median(seconds[1:]),
        "peak_megabytes": peak_megabytes(torch.device(device)),
    }


def measure(preset, options, answer):
    torch.set_num_threads(options.threads)
    if options.device == "cuda":
        # As a person gets it who sets nothing.
        torch.backends.cudnn.benchmark = True
    answer.put(steps(preset, options))


def measured(preset, options):
    """One preset in a process of its own; None where it died, such as of memory."""
    spawn = multiprocessing.get_context("spawn")
    answer = spawn.SimpleQueue()
    process = spawn.Process(target=measure, args=(preset, options, answer))
    process.start()
    process.join()
    return None if answer.empty() else answer.get()


def row(preset, measurement):
    if measurement is None:
        return (f"`{preset}`", "", "", "", "", "ended early")
    height, width = measurement["input"]
    return (
        f"`{preset}`",
        f"{measurement['parameters']:,}",
        f"{height} x {width}",
        measurement["batch"],
        f"{measurement['images_per_second']:.1f}",
        f"{measurement['peak_megabytes']:,.0f} MB",
    )


def write(document, options, listed):
    write_section(
        document,
        "Networks at full size",
        "A step of training (forward, all losses, backward, optimizer) of each system's whole"
        " network at its published input size, on images of noise (`benchmarks/full_size.py`):"
        f" {options.device}, {options.precision}"
        + (f", {options.threads} threads." if options.device == "cpu" else "."),
        listed,
        machine_in_words(),
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=PRESETS)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["fp32", "bf16", "fp16"], default="fp32")
    parser.add_argument("--batch", default="8", help="images, or: published")
    parser.add_argument("--steps", type=int, default=2, help="counted, after a first one")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, help="document whose section is replaced")
    options = parser.parse_args()
    about = {"device": options.device, "precision": options.precision, "threads": options.threads}
    print(json.dumps({"machine": machine()} | about), flush=True)
    rows = []
    for preset in options.presets:
        measurement = measured(preset, options)
        print(json.dumps({"preset": preset, "measured": measurement}), flush=True)
        rows.append(row(preset, measurement))
    listed = table(COLUMNS, rows)
    print(f"\n{listed}")
    if options.out:
        write(options.out, options, listed)
    return 0 if all("ended early" not in cells for cells in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

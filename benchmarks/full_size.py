"""Each system's whole network at its published input size: a step of training, and its memory.

    .venv/bin/python benchmarks/full_size.py                        # a batch of 8 on the processor
    .venv/bin/python benchmarks/full_size.py --device cuda --batch published --precision bf16

A step is forward, all losses, backward and the optimizer, on images of noise that stay in memory,
with classifiers for the published number of identities and random weights. Each preset has a
process of its own, so that the peak is its own: of the device, or of the whole process on a
processor. Prints one JSON object a preset, and a table of them at the end.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import time

import torch

from workbench.data.catalogue import published_identities
from workbench.experiment.networks import new_network, new_objective
from workbench.recipe.presets import load_preset
from workbench.recipe.samplers import IdentityBatches
from workbench.runs.environment import machine
from workbench.training.memory import peak_megabytes
from workbench.training.optimizers import freeze, make_optimizer, shares
from workbench.training.trial import autocast

MARKET = 751
"""Identities of Market-1501, which a prepared folder does not say it was made from."""
PRESETS = (
    *("rpm/market1501", "rpm/market1501_prelu", "msvit/market1501_s", "msvit/market1501_l"),
    *("layumi/market1501", "layumi/densenet121", "layumi/pcb", "nama/uc_tri_market1501"),
    *("nama/uc_cls_market1501", "mgn/market1501", "fastreid/mgn_market1501"),
)


def batch_of(recipe, size):
    """Images and labels: of people with as many images as the recipe's batches have of each."""
    sampler = recipe.data.sampler
    each = sampler.images if isinstance(sampler, IdentityBatches) else 1
    published = each * sampler.identities if each > 1 else sampler.batch_size
    count = published if size == "published" else int(size)
    each = each if count % each == 0 else 2
    images = torch.randn(count, 3, recipe.data.height, recipe.data.width)
    return images, torch.arange(count) // each


def steps(preset, options):
    """Seconds of each step after the first, which prepares kernels."""
    recipe = load_preset(preset)
    training, device = recipe.training, options.device
    classes = published_identities(recipe.data.dataset) or MARKET
    network = new_network(recipe, classes)
    objective = new_objective(recipe, network, classes).to(device)
    order = torch.channels_last if training.channels_last else torch.contiguous_format
    network.to(device).to(memory_format=order).train()
    named = list(network.named_parameters())
    freeze(named, training.parameter_groups)
    optimizer = make_optimizer(training.optimizer, shares(named, training))
    images, labels = (part.to(device) for part in batch_of(recipe, options.batch))
    images = images.contiguous(memory_format=order)
    # Small gradients of fp16 would vanish, and every step would be left out.
    scaler = torch.amp.GradScaler(device, enabled=options.precision == "fp16")
    taken = []
    for _ in range(options.steps + 1):
        began = time.perf_counter()
        with autocast(device, options.precision):
            outputs = network(images)
        loss = objective(outputs, labels).total
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        if device == "cuda":
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - began)
    return {
        "parameters": sum(parameter.numel() for _, parameter in named),
        "input": [recipe.data.height, recipe.data.width],
        "batch": len(images),
        "loss": float(loss),
        "seconds_a_step": taken[1:],
        "images_per_second": len(images) / statistics.median(taken[1:]),
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


def row(preset, found):
    if found is None:
        return f"| `{preset}` | | | | | ended early |"
    height, width = found["input"]
    return (
        f"| `{preset}` | {found['parameters']:,} | {height} x {width} | {found['batch']}"
        f" | {found['images_per_second']:.1f} | {found['peak_megabytes']:,.0f} MB |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=PRESETS)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["fp32", "bf16", "fp16"], default="fp32")
    parser.add_argument("--batch", default="8", help="images, or: published")
    parser.add_argument("--steps", type=int, default=2, help="counted, after a first one")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    about = {"device": options.device, "precision": options.precision, "threads": options.threads}
    print(json.dumps({"machine": machine()} | about), flush=True)
    rows = []
    for preset in options.presets:
        found = measured(preset, options)
        print(json.dumps({"preset": preset, "measured": found}), flush=True)
        rows.append(row(preset, found))
    print("\n| preset | parameters | input | batch | images/s | peak memory |")
    print("|---|---:|---|---:|---:|---:|")
    print("\n".join(rows))
    return 0 if all("ended early" not in one for one in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

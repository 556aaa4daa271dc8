"""Which entry of a file goes where in a network, and what is left over on either side."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from workbench.errors import WeightsError
from workbench.model.backbones.non_local import NAME as NON_LOCAL
from workbench.model.network import PartNetwork
from workbench.model.weights.foreign_states import printable, same_shapes, without_prefix
from workbench.model.weights.published_keys import renamed

OWN = ("trunk.", "tails.", "branches.")
COUNTERS = ".num_batches_tracked"
SHOWN = 4


@dataclass(frozen=True)
class LoadReport:
    """What was loaded into a network, and what was not.

    ``missing`` entries of the network were not in the file and keep their random start,
    ``unexpected`` entries of the file have no place in the network, ``skipped`` ones were left out
    on purpose: classifiers of other classes.
    """

    loaded: int
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    note: str = ""

    @property
    def clean(self) -> bool:
        """Whether everything on either side found its counterpart."""
        return not (self.missing or self.unexpected or self.skipped)

    def __str__(self) -> str:
        """One line: what was loaded, and the first names of each kind that was not."""
        parts = [f"{self.loaded} tensors loaded{f' from {self.note}' if self.note else ''}"]
        for kind in ("missing", "unexpected", "skipped"):
            names: tuple[str, ...] = getattr(self, kind)
            if names:
                more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
                parts.append(f"{len(names)} {kind} ({', '.join(names[:SHOWN])}{more})")
        return printable("; ".join(parts))


@dataclass(frozen=True)
class Transfer:
    """Tensors for entries of a network, chosen but not loaded yet."""

    tensors: dict[str, Tensor]
    report: LoadReport

    def load(self, network: PartNetwork) -> LoadReport:
        """Copy the tensors into the network."""
        network.load_state_dict(self.tensors, strict=False)
        return self.report


def plan_transfer(network: PartNetwork, state: Mapping[str, Tensor], source: str) -> Transfer:
    """Match the entries of a file with those of a network.

    An entry of trunk or tails is looked for under its own name, then under the name it would have
    in an uncut network, in the first tail, and in the bare backbone; so one trunk fills every tail.
    Branches and non-local blocks are not called missing where the file is a backbone's, which has
    none, but for layers that are copies of the backbone's. Files of known styles are renamed, see
    ``published_keys``; a prefix that other toolboxes put in front of names is taken away, and what
    lies beside it is unexpected.

    Args:
        network: what is to be filled.
        state: entries of a file, see ``read_state``.
        source: how the file is called in messages.

    Raises:
        WeightsError: where shapes differ other than in a classifier, or nothing fits at all.
    """
    whole_file = state
    state, outside = without_prefix(state, partial(_understood, network))
    whole = any(key.startswith("branches.") for key in state)
    state = {**outside, **state}
    tensors: dict[str, Tensor] = {}
    used, missing, skipped = set[str](), list[str](), list[str]()
    for name, entry in network.state_dict().items():
        candidates = _candidates(name, network.copies)
        key = next((key for key in candidates if key in state), None)
        if key is None:
            wanted = whole or (len(candidates) > 1 and f".{NON_LOCAL}_" not in name)
            if not name.endswith(COUNTERS) and wanted:
                missing.append(name)
            continue
        used.add(key)
        if state[key].shape == entry.shape:
            tensors[name] = state[key]
        elif ".classifier." in name and name.startswith("branches."):
            skipped.append(name)
        else:
            raise _other_network(source, name, state[key], entry)
    left = [key for key in state if key not in used]
    skipped += [key for key in left if key.split(".")[0] in network.left_out]
    unexpected = [key for key in left if key.split(".")[0] not in network.left_out]
    if not tensors:
        raise _nothing_fits(network, whole_file, source)
    report = LoadReport(len(tensors), tuple(missing), tuple(unexpected), tuple(skipped), source)
    return Transfer(tensors, report)


def _candidates(name: str, copies: Mapping[str, str]) -> list[str]:
    """Keys under which a file may hold an entry; only its own where no backbone has it."""
    if name.startswith("trunk."):
        bare = name.removeprefix("trunk.")
    elif name.startswith("tails."):
        bare = name.split(".", 2)[2]
    else:
        own = [key for key in copies if name.startswith(key)]
        return [name, *(copies[key] + name.removeprefix(key) for key in own)]
    return [name, f"trunk.{bare}", f"tails.0.{bare}", bare]


def _understood(
    network: PartNetwork, state: Mapping[str, Tensor]
) -> tuple[int, Mapping[str, Tensor]]:
    """How many entries of a network are among these, and these as the network wants them."""
    if not any(key.startswith(OWN) for key in state):
        state = _adapted(network, renamed(state))
    names = network.state_dict()
    present = [any(key in state for key in _candidates(name, network.copies)) for name in names]
    return sum(present), state


def _adapted(network: PartNetwork, state: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Entries as the trunk's own timm module wants them, or as they are where it cannot tell.

    It renames older layouts and resamples position embeddings to the size of the images.
    """
    adapt: Any = getattr(sys.modules[type(network.trunk).__module__], "checkpoint_filter_fn", None)
    if adapt is None:
        return state
    try:
        with torch.no_grad():
            return adapt(dict(state), network.trunk)
    except Exception:  # entries of another layout make it raise anything
        return state


def _nothing_fits(network: PartNetwork, state: Mapping[str, Tensor], source: str) -> WeightsError:
    first = next(iter(state), "")
    bare = {
        candidates[-1]: entry
        for name, entry in network.state_dict().items()
        if len(candidates := _candidates(name, {})) > 1
    }
    if same_shapes(bare.values(), state):
        return WeightsError(
            printable(
                f"{source}: its tensors have the shapes of this backbone, but other names: the"
                f" first is '{first}', where this backbone has '{next(iter(bare))}'. Rename"
                " them to the backbone's own names and save them again."
            )
        )
    return WeightsError(
        printable(
            f"{source}: none of its {len(state)} entries has a place in this network (the first is"
            f" '{first}'). Choose the backbone and branches they were made with."
        )
    )


def _other_network(source: str, name: str, there: Tensor, here: Tensor) -> WeightsError:
    return WeightsError(
        f"{printable(source)}: these weights belong to another network: {name} is"
        f" {tuple(there.shape)} there and {tuple(here.shape)} here. Choose the backbone, branches"
        " and image size they were made with."
    )

"""Everything a training needs to go on, and its form on disk.

``raw.safetensors`` and ``averaged.safetensors`` hold weights and buffers for everybody;
``training.pt`` holds what only a resume needs (tensors, numbers, strings and lists, so that it
loads with ``weights_only=True``); ``meta.json`` says in plain text what this is.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from workbench.errors import DamagedCheckpoint, RunError, WeightsError, reason_of
from workbench.model.weights.stored_archive import require_stored
from workbench.training.events import finite
from workbench.training.loop_state import LoopState
from workbench.training.memory import is_out_of_memory

Tensors = dict[str, Tensor]
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class TrainingState:
    """A training between two steps.

    ``raw`` and ``averaged`` are state dicts of the network; ``objective`` that of the losses.
    ``moments`` holds the optimizer's tensors per parameter name. ``setup`` says under which
    precision, threads and torch the bits were made, and how many classes the network knows.
    """

    loop_state: LoopState
    raw: Tensors
    averaged: Tensors | None
    objective: Tensors
    moments: dict[str, Tensors]
    scaler: dict[str, float | int]
    setup: dict[str, str | int]

    @property
    def step(self) -> int:
        """Completed optimizer steps."""
        return self.loop_state.step

    def meta(self) -> dict[str, Any]:
        """What ``meta.json`` says."""
        return {"format": FORMAT, **self.setup, **asdict(self.loop_state)}

    def save(self, folder: Path) -> None:
        """Write the four files into ``folder``, which exists. Raises OSError on a full disk."""
        _save_weights(self.raw, folder / "raw.safetensors")
        if self.averaged is not None:
            _save_weights(self.averaged, folder / "averaged.safetensors")
        rest = {
            "standing": asdict(self.loop_state),
            "objective": self.objective,
            "moments": self.moments,
            "scaler": self.scaler,
            "setup": self.setup,
        }
        torch.save(rest, folder / "training.pt")
        text = json.dumps(finite(self.meta()), indent=1, allow_nan=False)
        (folder / "meta.json").write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "TrainingState":
        """Read a state back.

        Raises DamagedCheckpoint where a file is missing or damaged, RunError where it cannot be
        read although it may be whole: memory or rights are missing.
        """
        try:
            averaged = folder / "averaged.safetensors"
            require_stored(folder / "training.pt")
            rest = torch.load(folder / "training.pt", map_location="cpu", weights_only=True)
            state = cls(
                loop_state=LoopState(**rest["standing"]),
                raw=load_file(folder / "raw.safetensors"),
                averaged=load_file(averaged) if averaged.exists() else None,
                objective=rest["objective"],
                moments=rest["moments"],
                scaler=rest["scaler"],
                setup=rest["setup"],
            )
            for name in ("objective", "moments", "scaler", "setup"):
                if not isinstance(getattr(state, name), dict):
                    raise TypeError(f"training.pt has no {name}")
            return state
        except Exception as error:  # whatever the decoders of damaged files raise
            reads = isinstance(error, OSError) and not isinstance(error, FileNotFoundError)
            kind = RunError if reads or is_out_of_memory(error) else DamagedCheckpoint
            raise kind(
                f"The checkpoint {folder.name} of {folder.parent.parent.name} cannot be read"
                f" ({reason_of(error)}). Use another checkpoint, or start the run anew."
            ) from error


def read_weights(path: Path) -> Tensors:
    """The tensors of a checkpoint's file of weights. Raises RunError where it is damaged."""
    try:
        return load_file(path)
    except Exception as error:  # whatever the decoder of a damaged file raises
        raise RunError(
            f"{path.name} of checkpoint {path.parent.name} cannot be read ({reason_of(error)})."
            " Use another checkpoint."
        ) from error


def load_weights(network: nn.Module, weights: Tensors, origin: str) -> None:
    """Copy ``weights`` into ``network``, whose memory order stays as it is.

    Raises WeightsError where names or shapes differ: the weights are those of another recipe.
    """
    own = network.state_dict()
    wrong = [
        *(f"{name} is missing" for name in own if name not in weights),
        *(f"{name} is unknown" for name in weights if name not in own),
        *(
            f"{name} is {tuple(weights[name].shape)} instead of {tuple(own[name].shape)}"
            for name in own
            if name in weights and weights[name].shape != own[name].shape
        ),
    ]
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise WeightsError(
            f"{origin} does not fit the network: {', '.join(wrong[:3])}{more}. It belongs to"
            " another recipe."
        )
    network.load_state_dict(weights)


def moments_of(optimizer: torch.optim.Optimizer) -> dict[str, Tensors]:
    """The optimizer's tensors, by parameter name instead of position."""
    return {
        name: {key: value for key, value in optimizer.state[parameter].items() if value is not None}
        for name, parameter in _named(optimizer)
        if parameter in optimizer.state
    }


def restore_moments(optimizer: torch.optim.Optimizer, moments: dict[str, Tensors]) -> None:
    """Give the optimizer its tensors back, each in the memory order of its parameter.

    Fused optimizers walk a parameter and its moments in memory order: where the two differ (a
    contiguous moment beside a channels_last weight) they compute silently wrong updates.

    Raises WeightsError where a parameter is unknown.
    """
    for name, parameter in _named(optimizer):
        if name not in moments:
            continue
        optimizer.state[parameter] = {
            key: _in_order_of(parameter, value) for key, value in moments[name].items()
        }
    if unknown := set(moments) - {name for name, _ in _named(optimizer)}:
        raise WeightsError(
            f"The checkpoint trains {sorted(unknown)[0]}, which the recipe does not. It belongs to"
            " another recipe."
        )


def _in_order_of(parameter: nn.Parameter, value: Tensor) -> Tensor:
    if value.shape != parameter.shape:
        return value.to(parameter.device)
    return torch.empty_like(parameter, memory_format=torch.preserve_format).copy_(value)


def _named(optimizer: torch.optim.Optimizer) -> list[tuple[str, nn.Parameter]]:
    return [
        pair
        for group in optimizer.param_groups
        for pair in zip(group["names"], group["params"], strict=True)
    ]


def _save_weights(weights: Tensors, path: Path) -> None:
    # safetensors refuses channels_last and shared memory; the network restores its own order.
    save_file({name: item.detach().cpu().contiguous() for name, item in weights.items()}, path)

"""Where and in which number format a training computes, through accelerate."""

from accelerate import Accelerator
from accelerate.state import AcceleratorState, GradientState

MIXED_PRECISION = {"fp32": "no", "bf16": "bf16", "fp16": "fp16"}


def accelerator_for(device: str, precision: str) -> Accelerator:
    """An accelerator for "cpu" or "cuda" at "fp32", "bf16" or "fp16".

    accelerate keeps one state for the whole process and refuses a second set of choices. A notebook
    or a benchmark trains several times in one process, so that state is cleared first.
    """
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()
    return Accelerator(cpu=device == "cpu", mixed_precision=MIXED_PRECISION[precision])

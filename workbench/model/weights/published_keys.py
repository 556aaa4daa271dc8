"""Names of entries in published ImageNet files, and the names they have in our backbones."""

import re
from collections.abc import Mapping
from typing import TypeVar

Entry = TypeVar("Entry")
Rules = tuple[tuple[str, str], ...]

GROUPED: Rules = (
    (r"^first_conv\.", "stem."),
    (r"^layer(\d)\.", r"stage\1."),
    (r"\.main\.0\.", ".expand."),
    (r"\.main\.1\.", ".spatial."),
    (r"\.main\.2\.se\.1\.", ".excite.squeeze."),
    (r"\.main\.2\.se\.3\.", ".excite.excite."),
    (r"\.main\.3\.", ".project."),
    (r"\.skip\.0\.", ".shortcut.spatial."),
    (r"\.skip\.1\.", ".shortcut.project."),
    (r"\.act\.act\.", ".act."),
    (r"\.proj_in\.", ".values."),
    (r"\.q\.", ".queries."),
    (r"\.k\.", ".keys."),
    (r"\.v\.", ".local."),
    (r"\.sattn\.att\.logit_scale$", ".attention.log_scale"),
    (r"\.proj\.1\.", ".project."),
    (r"^(conv_)?head\.(?=conv|norm|act)", "projection."),
    (r"^fc\.", "linear."),
)
"""Files of the networks that ``grouped_regnet`` and ``grid_transformer`` are."""
HALF_INSTANCE: Rules = ((r"\.bn1\.IN\.", ".bn1.instance."), (r"\.bn1\.BN\.", ".bn1.batch."))
"""Files of IBN-Net (Pan et al. 2018, arXiv 1807.09441)."""
DENSE: Rules = ((r"(\.denselayer\d+\.(?:norm|conv))\.([12])\.", r"\1\2."),)
"""Older files of torchvision's DenseNets."""
STYLES = (
    (re.compile(r"\.main\.\d\."), GROUPED),
    (re.compile(r"\.bn1\.IN\."), HALF_INSTANCE),
    (re.compile(r"\.denselayer\d+\.norm\.1\."), DENSE),
)


def renamed(state: Mapping[str, Entry]) -> Mapping[str, Entry]:
    """The entries of a file under our names; those of an unknown style keep their own."""
    for sign, rules in STYLES:
        if any(sign.search(key) for key in state):
            return {_renamed(key, rules): value for key, value in state.items()}
    return state


def _renamed(key: str, rules: Rules) -> str:
    for pattern, replacement in rules:
        key = re.sub(pattern, replacement, key)
    return key

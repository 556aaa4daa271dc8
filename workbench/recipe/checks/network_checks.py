"""What no single model setting can see: names, necks and weights that do not fit the backbone."""

from workbench.recipe.settings.base import Problem
from workbench.recipe.settings.model import Backbone, Branch, Model, TimmBackbone, TimmWeights

_WORDS = """
    add_module apply bfloat16 buffers call_super_init children clear compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half ipu items keys load_state_dict modules mtia named_buffers named_children
    named_modules named_parameters parameters pop register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state
    set_submodule share_memory state_dict to to_empty train training type update values xpu
    zero_grad
"""
RESERVED = frozenset(_WORDS.split())
"""Words that PyTorch keeps for itself in a mapping of modules."""


def network_problems(model: Model, height: int, width: int) -> list[Problem]:
    """Everything that is impossible about model settings for images of this size in pixels."""
    problems = branch_problems(model) + model.backbone.problems(height, width)
    if isinstance(model.weights, TimmWeights) and not isinstance(model.backbone, TimmBackbone):
        problems.append(
            Problem(
                "model.weights.kind",
                f"timm has no weights of a {model.backbone.kind}",
                "Use none, file or run, or model.backbone.kind = timm.",
                "timm",
            )
        )
    return problems


def branch_problems(model: Model) -> list[Problem]:
    """Names, necks and classifiers of branches that cannot be."""
    problems: list[Problem] = []
    for name, branch in model.branches.items():
        path = f"model.branches.{name}"
        if name in RESERVED:
            problems.append(Problem(path, f"a branch cannot be called '{name}'", "Rename it."))
        if branch.neck.start == "backbone":
            problems += _copy_problems(f"{path}.neck.start", branch, model.backbone)
        if branch.classifier is not None and branch.classifier.cosine and branch.classifier.bias:
            problems.append(
                Problem(
                    f"{path}.classifier.bias",
                    "cosines have no offset",
                    "Set it to false, or cosine to false.",
                    "true",
                )
            )
    return problems


def _copy_problems(path: str, branch: Branch, backbone: Backbone) -> list[Problem]:
    """Why a neck cannot start as a copy of the backbone's own layer: the first reason."""
    neck, width = branch.neck, backbone.own_neck_width
    if width is None:
        reason = f"a {backbone.kind} has no layer of its own to copy"
        remedy = "Use fan_out or fan_in."
    elif neck.width != width:
        reason, remedy = f"its layer has {width} outputs", f"Set width = {width}."
    elif neck.bias or neck.norm is not None or neck.bnneck is None:
        reason = "its layer has no offset and is followed by one norm"
        remedy = "Set bias = false, norm = null and switch bnneck on."
    elif not branch.regions.reads_all_channels:
        reason = f"its layer reads all {width} channels, a group only some"
        remedy = "Use other regions."
    else:
        return []
    return [Problem(path, reason, remedy, "backbone")]

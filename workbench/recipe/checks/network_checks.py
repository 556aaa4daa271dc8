"""What no single model setting can see: names, necks and weights that do not fit the backbone.

Every problem is a sentence that opens with the dotted path it blames.
"""

from workbench.recipe.settings.geometry import grid_problem
from workbench.recipe.settings.model import (
    Backbone,
    Branch,
    ChannelGroups,
    GridTransformer,
    GroupedRegNet,
    Model,
    TimmBackbone,
    TimmWeights,
)

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


def network_problems(model: Model, height: int, width: int) -> list[str]:
    """Everything that is impossible about model settings for images of this size in pixels."""
    problems = branch_problems(model) + _backbone_problems(model.backbone, height, width)
    if isinstance(model.weights, TimmWeights) and not isinstance(model.backbone, TimmBackbone):
        problems.append(
            f"model.weights.kind = timm: timm has no weights of a {model.backbone.kind}. Use none,"
            " file or run, or model.backbone.kind = timm."
        )
    return problems


def branch_problems(model: Model) -> list[str]:
    """Names, necks and classifiers of branches that cannot be."""
    problems: list[str] = []
    for name, branch in model.branches.items():
        path = f"model.branches.{name}"
        if name in RESERVED:
            problems.append(f"{path}: a branch cannot be called '{name}'. Rename it.")
        if branch.neck.start == "backbone" and (reason := _copy_problem(branch, model.backbone)):
            problems.append(f"{path}.neck.start = backbone: {reason}")
        if branch.classifier is not None and branch.classifier.cosine and branch.classifier.bias:
            problems.append(
                f"{path}.classifier.bias = true: cosines have no offset. Set it to false, or"
                " cosine to false."
            )
    return problems


def _copy_problem(branch: Branch, backbone: Backbone) -> str | None:
    if not isinstance(backbone, GridTransformer):
        return f"a {backbone.kind} has no layer of its own to copy. Use fan_out or fan_in."
    neck, width = branch.neck, backbone.head_width
    if neck.width != width:
        return f"its layer has {width} outputs. Set width = {width}."
    if neck.bias or neck.norm is not None or neck.bnneck is None:
        return (
            "its layer has no offset and is followed by one norm. Set bias = false, norm = null and"
            " switch bnneck on."
        )
    if isinstance(branch.regions, ChannelGroups):
        return f"its layer reads all {width} channels, a group only some. Use other regions."
    return None


def _backbone_problems(backbone: Backbone, height: int, width: int) -> list[str]:
    if not isinstance(backbone, GroupedRegNet | GridTransformer):
        return []
    problems: list[str] = []
    if uneven := [channels for channels in backbone.widths if channels % 8]:
        problems.append(
            f"model.backbone.widths = {backbone.widths}: {uneven[0]} is no multiple of 8. Use"
            f" {uneven[0] - uneven[0] % 8} or {uneven[0] - uneven[0] % 8 + 8}."
        )
    if isinstance(backbone, GridTransformer):
        problems += [
            f"model.backbone.heads = {backbone.heads}: {heads} does not divide the"
            f" {channels} channels of stage {stage}. Use a divisor."
            for stage, (heads, channels) in enumerate(
                zip(backbone.heads, backbone.widths, strict=False), start=1
            )
            if channels % heads
        ]
        problem = grid_problem(backbone, height, width)
        problems += [problem] if problem else []
    return problems

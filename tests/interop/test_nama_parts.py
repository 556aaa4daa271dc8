"""Networks, losses, functions and decays that NAMA's commands may name beside the published ones.

Formulas: the published code, github.com/huangzongheng/NAMA.
"""

import pytest

from tests.interop.keyed_tables import WHOLE, changes_of, check_meaning, command
from workbench.errors import RecipeError
from workbench.interop.commands import translate
from workbench.model.build import build_network
from workbench.recipe.overrides import resolve
from workbench.training.optimizers import optimizer_groups

FUNCTION = f"{WHOLE}.certainty.function"
LOGARITHM = {f"{WHOLE}.certainty.logarithm": True}
UNSHIFTED = {f"{WHOLE}.certainty": False, "training.parameter_groups.certainty": None}
PLAIN = UNSHIFTED | {"losses.length": None}


def polynomial(kind, terms, even=False):
    values = {"kind": kind, "terms": terms, "even": even}
    return {f"{FUNCTION}.{name}": value for name, value in values.items()}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nn", {f"{FUNCTION}.count": 32}),
        ("nn_many", {f"{FUNCTION}.count": 32}),
        ("lognn_32", {f"{FUNCTION}.count": 32} | LOGARITHM),
        ("lognn_128", LOGARITHM),
        ("tlr", polynomial("powers", 5)),
        ("tlr_many", polynomial("powers", 5)),
        ("tlr_9", polynomial("powers", 5)),  # 1, 3, 5, 7, 9
        ("tlr_8", polynomial("powers", 4)),  # 1, 3, 5, 7
        ("lgd_9", polynomial("legendre", 5)),
        ("loglgd_3", polynomial("legendre", 2) | LOGARITHM),
        # With even terms there are twice the number and one of them, in the published code.
        ("lgd_all_3", polynomial("legendre", 8, True)),
        ("tlr_all", polynomial("powers", 10, True)),
    ],
)
def test_a_function_by_its_name(name, expected):
    assert changes_of(command("uc_cls", MODEL__F_BASE=name)) == expected


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["spline_4", "nn_all_4", "nn_1", "tlr_all_20"])
def test_a_function_that_is_not_built(name):
    with pytest.raises(RecipeError, match=r"cannot be read|too small|too large"):
        translate(command("uc_cls", MODEL__F_BASE=name))


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("exp_3", {}),
        ("exp", {}),
        ("exp_5", {"losses.length.rate": 5.0}),
        ("log", {"losses.length.form": "logarithm"}),
        ("arc", {"losses.length.form": "reciprocal"}),
        ("linear", "SOLVER.REG_TYPE linear: cannot be read"),
    ],
)
def test_a_push_on_lengths_by_its_name(name, expected):
    text = command("uc_tri", SOLVER__REG_TYPE=name)
    check_meaning(text, expected)


@pytest.mark.thorough
def test_the_push_on_lengths_is_weighted_twice_with_pairs():
    changes = changes_of(command("uc_tri", SOLVER__TRI_LOSS_WEIGHT="2", SOLVER__MAG_G="3"))
    assert changes == {"losses.pairs.weight": 2.0, "losses.length.weight": 6.0}


def triplet(normalise, reads="embedding"):
    values = {"kind": "batch_hard_triplet", "margin": 0.2, "weight": 1.0, "mining": "hardest"}
    values |= {"normalise": normalise, "reads": reads, "join": False}
    return PLAIN | {f"losses.pairs.{name}": value for name, value in values.items()}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("uc-tri-dpn", {"losses.pairs.partner_learns": False}),
        ("uc-atri-n", {"losses.pairs.distance": "chord"}),
        ("uc-pair-n", {"losses.pairs.distance": "angle"}),
        # Not divided by the scale there: 32 times ours.
        (
            "cosface",
            PLAIN
            | {
                "losses.pairs.distance": "cosine",
                "losses.pairs.shift": "none",
                "losses.pairs.weight": 32.0,
            },
        ),
        ("tri", triplet(False)),
        ("tri-n", triplet(True)),
        ("none", PLAIN | {"losses.pairs": None}),
    ],
)
def test_a_loss_of_pairs(name, expected):
    assert changes_of(command("uc_tri", MODEL__METRIC_LOSS_TYPE=name)) == expected


@pytest.mark.thorough
def test_keys_that_a_loss_does_not_read_are_noted():
    (translation,) = translate(command("uc_tri", MODEL__METRIC_LOSS_TYPE="tri", SOLVER__S="64"))
    unread = {note.partition(":")[0] for note in translation.notes if "do not read it" in note}
    assert unread == {"SOLVER.S", "MODEL.F_BASE", "SOLVER.WEIGHT_DECAY_POLY"}


def classes(similarity, margin=0.0):
    values = {"similarity": similarity, "positive": True, "certainty": False}
    values |= {"margin": margin} if margin else {}
    return PLAIN | {f"losses.identity.{name}": value for name, value in values.items()}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "margin", "expected"),
    [
        ("cosface", "0.0", classes("cosine")),
        # Here a margin makes the right class harder; with uc-cls it makes it easier.
        ("cosface", "0.3", classes("cosine", 0.3)),
        ("arcface", "0.3", classes("cosine_of_angle", 0.3)),
    ],
)
def test_a_loss_of_classes(name, margin, expected):
    text = command("uc_cls", MODEL__CLS_LOSS_TYPE=name, SOLVER__MARGIN=margin)
    assert changes_of(text) == expected


@pytest.mark.thorough
def test_a_plain_loss_of_cosines_needs_the_neck_that_gives_them():
    changes = changes_of(
        command("uc_tri", MODEL__NECK="norm", MODEL__CLS_LOSS_TYPE="n-softmax", SOLVER__CS="20")
    )
    assert changes[f"{WHOLE}.classifier.cosine"]
    assert changes["losses.identity.kind"] == "margin_cross_entropy"
    assert (changes["losses.identity.scale"], changes["losses.identity.margin"]) == (20.0, 0.0)
    with pytest.raises(RecipeError, match=r"n-softmax: only with MODEL\.NECK norm"):
        translate(command("uc_tri", MODEL__CLS_LOSS_TYPE="n-softmax"))


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("metric", "kind"), [("uc-tri-n", "pair_margin"), ("tri-n", "batch_hard_triplet")]
)
def test_with_a_second_norm_pairs_read_the_first(metric, kind):
    """What is classified and ranked has passed both norms, what is compared and measured one."""
    (translation,) = translate(
        command("uc_tri", MODEL__NECK="bnneck", MODEL__METRIC_LOSS_TYPE=metric)
    )
    recipe = resolve(translation.preset, translation.overrides)
    pairs = recipe.losses["pairs"]
    assert (pairs.kind, pairs.reads) == (kind, "reduced")
    if metric == "uc-tri-n":
        assert recipe.losses["length"].reads == "reduced"
        assert recipe.model.branches["whole"].certainty.reads == "reduced"
    assert recipe.evaluation.embedding.reads == "embedding"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("system", "key", "value"),
    [
        ("uc_tri", "MODEL.NAME", "se_resnet50"),
        ("uc_tri", "MODEL.NAME", "resnet50_ibn_a"),
        ("uc_cls", "MODEL.NAME", "resnet18"),  # the published network is written for 2048 channels
        ("uc_tri", "MODEL.NECK", "scale"),
        ("uc_cls", "MODEL.NECK", "ct"),
        ("uc_tri", "MODEL.METRIC_LOSS_TYPE", "uc-pair-free"),
        ("uc_tri", "MODEL.METRIC_LOSS_TYPE", "circle"),
        ("uc_tri", "MODEL.METRIC_LOSS_TYPE", "arcface"),
        ("uc_tri", "MODEL.CLS_LOSS_TYPE", "cosface"),
        ("uc_cls", "MODEL.CLS_LOSS_TYPE", "softmax"),
        ("uc_cls", "MODEL.CLS_LOSS_TYPE", "proj"),
    ],
)
def test_what_is_not_built_is_refused_by_name(system, key, value):
    with pytest.raises(RecipeError) as refused:
        translate(command(system, **{key: value}))
    assert str(refused.value).startswith(f"{key} {value}: ")
    assert "\n" not in str(refused.value)


def decays(text):
    """Weight decays of the network that a command trains, by the name of each parameter."""
    (translation,) = translate(text)
    recipe = resolve(translation.preset, translation.overrides)
    network = build_network(recipe.model, 4, (64, 32))
    return {
        name: share.weight_decay
        for share in optimizer_groups(network.named_parameters(), recipe.training)
        for name in share.names
    }


HEAD = "branches.whole.heads.0"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("neck", "norms"),
    [
        ("no", {f"{HEAD}.neck.bnneck.weight": 0.0}),
        ("bnneck", {f"{HEAD}.neck.norm.weight": 0.0, f"{HEAD}.neck.bnneck.weight": 2e-3}),
    ],
)
def test_decays_as_the_published_groups_give_them(neck, norms):
    """Its own for offsets, for neck and classifier, and for the function; none for the norm."""
    decay_by_parameter = decays(
        command(
            "uc_tri",
            MODEL__NAME="resnet18",
            MODEL__NECK=neck,
            SOLVER__WEIGHT_DECAY="1e-3",
            SOLVER__WEIGHT_DECAY_NECK="2e-3",
        )
    )
    expected = {f"{HEAD}.certainty.function.weight": 0.1, f"{HEAD}.classifier.weight": 2e-3}
    trunk = {
        name: decay
        for name, decay in decay_by_parameter.items()
        if not name.startswith("branches.")
    }
    assert {
        name: decay_by_parameter[name] for name in decay_by_parameter if name not in trunk
    } == expected | norms
    assert {name.endswith(".bias"): decay for name, decay in trunk.items()} == {
        True: 5e-4,
        False: 1e-3,
    }


@pytest.mark.thorough
def test_neck_and_classifier_keep_their_decay_where_all_others_get_another():
    decay_by_parameter = decays(
        command("uc_tri", MODEL__NAME="resnet18", SOLVER__WEIGHT_DECAY="1e-3")
    )
    assert decay_by_parameter[f"{HEAD}.classifier.weight"] == 5e-4

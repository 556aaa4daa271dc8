"""What a network starts from: which entries go where, what is said about the others."""

import json

import pytest
import timm
import torch
from safetensors.torch import save_file

from workbench.errors import PlaceError, WeightsError
from workbench.model.build import build_network
from workbench.model.weights.loading import add, initial_weights, read_state
from workbench.paths import runs_folder, weights_folder
from workbench.recipe.settings import model as settings

COMPACT = settings.CompactResNet(width=8)
TIMM = settings.TimmBackbone(name="resnet18", widths=[8, 16, 32, 64])
PARTS = {"parts": settings.Branch(regions=settings.RowStripes(count=2))}
HEADS = [f"branches.parts.heads.{part}.classifier.weight" for part in (0, 1)]


def network_of(backbone=COMPACT, classes=3, seed=0, branches=PARTS, image=(64, 32)):
    torch.manual_seed(seed)
    return build_network(settings.Model(backbone=backbone, branches=branches), classes, image)


def cut(backbone, split, strides):
    return backbone.model_copy(update={"split": split, "tail_strides": strides})


def saved(state, name="weights.safetensors"):
    path = weights_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".safetensors":
        save_file({key: value.contiguous().clone() for key, value in state.items()}, path)
    else:
        torch.save(state, path)
    return path


def load(network, weights, backbone=COMPACT):
    return initial_weights(network, weights, backbone, runs_folder())


def load_file(network, path, **options):
    return load(network, settings.FileWeights(path=str(path), **options))


def same(network, state, prefix=""):
    mine = network.state_dict()
    return all(torch.equal(mine[key], state[key]) for key in mine if key.startswith(prefix))


def refused(call, *args, **options):
    with pytest.raises(WeightsError) as caught:
        call(*args, **options)
    return str(caught.value)


@pytest.mark.parametrize("name", ["a.safetensors", "a.pth"])
def test_a_saved_network_is_loaded_completely(name):
    source, target = network_of(), network_of(seed=1)
    report = load_file(target, saved(source.state_dict(), name))
    assert report.clean
    assert report.loaded == len(source.state_dict())
    assert str(report) == f"{report.loaded} tensors loaded from {name}"
    assert same(target, source.state_dict())


@pytest.mark.parametrize("wrapper", ["state_dict", "model"])
def test_wrapped_states_are_unwrapped(wrapper):
    source, target = network_of(), network_of(seed=1)
    inner = {f"module.{key}": value for key, value in source.state_dict().items()}
    assert load_file(target, saved({wrapper: inner, "epoch": 3}, "a.pth")).clean
    assert same(target, source.state_dict())


def test_nothing_is_loaded_where_nothing_is_asked_for():
    network = network_of()
    assert load(network, settings.NoWeights()) is None
    assert same(network, network_of().state_dict())


def test_the_classifier_of_other_identities_is_left_out():
    source, target = network_of(classes=7), network_of(seed=1)
    before = {key: target.state_dict()[key].clone() for key in HEADS}
    report = load_file(target, saved(source.state_dict()), strict=True)
    assert report.skipped == tuple(HEADS)
    assert not report.clean
    assert "2 skipped (branches.parts.heads.0.classifier.weight, " in str(report)
    assert all(torch.equal(target.state_dict()[key], before[key]) for key in HEADS)
    assert same(target, source.state_dict(), "trunk.")


def test_an_uncut_network_fills_every_tail():
    source = network_of()
    target = network_of(cut(COMPACT, "stage3", [2, 1]), seed=1, branches=two_tails())
    report = load_file(target, saved(source.state_dict()))
    for tail in target.tails:
        for key, value in tail.state_dict().items():
            assert torch.equal(value, source.state_dict()[f"trunk.{key}"])
    assert same(target.trunk, {k[6:]: v for k, v in source.state_dict().items()})
    assert all(key.startswith("branches.") for key in report.missing + report.unexpected)


def test_a_cut_network_fills_an_uncut_one_from_its_first_tail():
    source = network_of(cut(COMPACT, "stage3", [2, 1]), branches=two_tails())
    with torch.no_grad():
        source.tails[1].stage4[0].conv1.weight.zero_()
    target = network_of(seed=1)
    report = load_file(target, saved(source.state_dict()))
    assert target.trunk.stage4[0].conv1.weight.any()
    assert "tails.1.stage4.0.conv1.weight" in report.unexpected


def two_tails():
    return {f"of_{tail}": settings.Branch(tail=tail) for tail in (0, 1)}


def test_what_is_missing_and_what_is_unexpected_is_named():
    state = network_of().state_dict()
    taken = state.pop("trunk.stem.0.weight")
    del state["trunk.stem.1.num_batches_tracked"]  # a counter that old files lack
    state["trunk.stem.9.weight"] = taken
    report = load_file(network_of(seed=1), saved(state))
    assert report.missing == ("trunk.stem.0.weight",)
    assert report.unexpected == ("trunk.stem.9.weight",)
    assert str(report).endswith(
        "1 missing (trunk.stem.0.weight); 1 unexpected (trunk.stem.9.weight)"
    )


def test_a_strict_file_changes_nothing_unless_it_fits():
    state = network_of().state_dict()
    del state["trunk.stem.0.weight"]
    target = network_of(seed=1)
    message = refused(load_file, target, saved(state), strict=True)
    assert "1 missing (trunk.stem.0.weight)" in message
    assert "model.weights.strict = false" in message
    assert same(target, network_of(seed=1).state_dict())


def test_weights_of_another_network_are_refused():
    path = saved(network_of(settings.CompactResNet(width=16)).state_dict())
    assert "trunk.stem.0.weight is (8, 3, 3, 3) there and (4, 3, 3, 3) here" in refused(
        load_file, network_of(), path
    )
    assert "none of its 1 entries has a place in this network (the first is 'x')" in refused(
        load_file, network_of(), saved({"x": torch.zeros(2)})
    )


@pytest.mark.parametrize("name", ["a.safetensors", "a.pth"])
@pytest.mark.parametrize("content", [b"", b"no weights at all", b"\x80\x02torn"])
def test_a_broken_file_is_one_sentence(name, content):
    weights_folder().mkdir(parents=True)
    (weights_folder() / name).write_bytes(content)
    message = refused(read_state, weights_folder() / name)
    assert "cannot be read as weights" in message
    assert "\n" not in message


def test_a_torn_file_is_one_sentence():
    path = saved(network_of().state_dict())
    path.write_bytes(path.read_bytes()[:2000])
    assert "cannot be read as weights" in refused(read_state, path)


class Code:
    """Would run when unpickled."""

    def __reduce__(self):
        return (print, ("ran",))


def test_code_in_a_file_is_not_run(capsys):
    path = saved({"weight": torch.zeros(1), "code": Code()}, "a.pth")
    assert "cannot be read as weights" in refused(read_state, path)
    assert capsys.readouterr().out == ""


def test_a_file_without_tensors_is_refused():
    assert "holds no named tensors" in refused(read_state, saved({"epoch": 3}, "a.pth"))
    assert "holds no named tensors" in refused(read_state, saved([1, 2], "b.pth"))


def test_published_weights_fill_trunk_and_tails_and_their_classifier_is_skipped():

    torch.manual_seed(5)
    published = timm.create_model("resnet18", channels=(8, 16, 32, 64), num_classes=10)
    saved(published.state_dict(), "resnet18.safetensors")
    backbone = cut(TIMM, "layer3.0", [2, 1])
    target = network_of(backbone, branches=two_tails())
    report = load(target, settings.TimmWeights(), backbone)
    assert (report.missing, report.unexpected) == ((), ())
    assert sorted(report.skipped) == ["fc.bias", "fc.weight"]
    for tail in target.tails:
        assert torch.equal(tail.layer4[0].conv1.weight, published.layer4[0].conv1.weight)
    assert torch.equal(target.trunk.layer3[0].bn1.bias, published.layer3[0].bn1.bias)


@pytest.mark.thorough
def test_position_embeddings_are_resampled_to_the_image_size():
    backbone = settings.TimmBackbone(name="vit_tiny_patch16_224")
    source, target = network_of(backbone, image=(64, 64)), network_of(backbone, seed=1)
    bare = {
        key.removeprefix("trunk."): value
        for key, value in source.state_dict().items()
        if key.startswith("trunk.")
    }
    saved(bare, "vit_tiny_patch16_224.safetensors")
    report = load(target, settings.TimmWeights(), backbone)
    assert report.clean
    assert target.trunk.pos_embed.shape == (1, 1 + 4 * 2, 192)
    kept = source.trunk.blocks[0].mlp.fc1.weight
    assert torch.equal(target.trunk.blocks[0].mlp.fc1.weight, kept)


def run_with(name, kinds, pointer="last"):
    checkpoints = runs_folder() / name / "checkpoints"
    (checkpoints / "step_00000005").mkdir(parents=True)
    states = {}
    for seed, kind in enumerate(kinds, start=2):
        states[kind] = network_of(seed=seed).state_dict()
        save_file(states[kind], checkpoints / "step_00000005" / f"{kind}.safetensors")
    (checkpoints / f"{pointer}.json").write_text(json.dumps({"name": "step_00000005"}))
    return states


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("kinds", "which", "expected"),
    [
        (["averaged", "raw"], "averaged", "averaged"),
        (["averaged", "raw"], "raw", "raw"),
        (["raw"], "averaged", "raw"),
    ],
)
def test_a_run_gives_its_averaged_or_raw_weights(kinds, which, expected):
    states = run_with("one", kinds)
    target = network_of()
    report = load(target, settings.RunWeights(run="one", which=which))
    assert same(target, states[expected])
    assert report.note == f"one/checkpoints/step_00000005/{expected}.safetensors"


@pytest.mark.thorough
def test_a_run_gives_its_last_weights_and_its_best_on_request():
    run_with("one", ["raw"])
    checkpoints = runs_folder() / "one" / "checkpoints"
    (checkpoints / "step_00000005").rename(checkpoints / "step_00000002")
    (checkpoints / "last.json").rename(checkpoints / "best.json")
    (checkpoints / "best.json").write_text(json.dumps({"name": "step_00000002"}))
    run_with("one", ["raw"])
    for checkpoint, step in (({}, 5), ({"checkpoint": "last"}, 5), ({"checkpoint": "best"}, 2)):
        report = load(network_of(), settings.RunWeights(run="one", which="raw", **checkpoint))
        assert report.note == f"one/checkpoints/step_{step:08d}/raw.safetensors"


def test_a_run_without_checkpoint_is_refused():
    message = refused(load, network_of(), settings.RunWeights(run="none"))
    assert "has no run of this id with a checkpoint" in message


def test_an_added_file_is_copied_once_it_could_be_read(tmp_path):
    source = tmp_path / "mine.pth"
    torch.save({"weight": torch.ones(2)}, source)
    added = add(source)
    assert added == weights_folder() / "mine.pth"
    assert torch.equal(read_state(added)["weight"], torch.ones(2))
    assert add(added) == added
    assert "is there already" in refused(add, source)
    (tmp_path / "broken.pth").write_bytes(b"no")
    assert "cannot be read" in refused(add, tmp_path / "broken.pth")
    assert "There is no file" in refused(add, tmp_path / "gone.pth")
    assert "Use one of .safetensors" in refused(add, tmp_path / "notes.txt")
    assert [path.name for path in weights_folder().iterdir()] == ["mine.pth"]


def test_a_path_leading_out_of_the_weights_folder_is_refused():
    with pytest.raises(PlaceError, match="leads outside"):
        load_file(network_of(), "../outside.pth")

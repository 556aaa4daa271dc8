"""Files in the weights folder, and what a recipe asks for, without loading torch."""

import ast
import subprocess
import sys

import pytest

from workbench.errors import WeightsError
from workbench.model.weights.files import AUTHORS_FILES, available, require
from workbench.paths import PACKAGE, weights_folder
from workbench.recipe.settings import model as settings


def file(name, content=b"12345"):
    path = weights_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def refused(**options):
    with pytest.raises(WeightsError) as caught:
        require(settings.Model(**options))
    return str(caught.value)


def timm(weights="", backbone="resnet50"):
    return {
        "backbone": settings.TimmBackbone(name=backbone),
        "weights": settings.TimmWeights(name=weights),
    }


def test_only_weights_are_listed():
    assert available() == []
    file("b.pth")
    file("a.safetensors", b"x" * 2_000_000)
    file("notes.txt")
    file(".half.pth")
    (weights_folder() / "folder.pth").mkdir()
    assert [(found.name, found.megabytes) for found in available()] == [
        ("a.safetensors", 2.0),
        ("b.pth", 5e-6),
    ]


def test_published_weights_are_found_by_their_name():
    plain, tagged = file("resnet50.safetensors"), file("resnet50.a1_in1k.pth")
    assert require(settings.Model(**timm())) == plain
    assert require(settings.Model(**timm("resnet50.a1_in1k"))) == tagged
    assert require(settings.Model(**timm(backbone="resnet50.a1_in1k"))) == tagged


def test_missing_published_weights_say_what_to_do():
    message = refused(**timm("resnet50.a1_in1k"))
    for part in (
        "resnet50.a1_in1k.safetensors is not in",
        str(weights_folder()),
        "`workbench weights fetch resnet50.a1_in1k`",
        "model.weights.kind = none",
    ):
        assert part in message


def test_weights_of_another_architecture_are_refused():
    assert "not weights of resnet50" in refused(**timm("resnet18.a1_in1k"))
    own = {"backbone": settings.CompactResNet(), "weights": settings.TimmWeights()}
    assert "nobody publishes weights of compact_resnet" in refused(**own)


def test_a_file_is_absolute_or_in_the_folder(tmp_path):
    inside = file("mine.pth")
    elsewhere = tmp_path / "other.pth"
    elsewhere.write_bytes(b"1")
    for given, found in (("mine.pth", inside), (str(elsewhere), elsewhere)):
        assert require(settings.Model(weights=settings.FileWeights(path=given))) == found
    message = refused(weights=settings.FileWeights(path="gone.pth"))
    assert f"there is no file {weights_folder() / 'gone.pth'}" in message


@pytest.mark.parametrize("name", AUTHORS_FILES)
def test_missing_files_of_authors_say_how_to_go_on_without(name):
    message = refused(weights=settings.FileWeights(path=name))
    for part in (str(weights_folder() / name), "get it from them", "model.weights.kind = none"):
        assert part in message
    assert ("regnety_016" in message) == ("resnet50" not in name)
    description = settings.FileWeights.model_fields["path"].description
    assert name in description
    file(name)
    require(settings.Model(weights=settings.FileWeights(path=name)))


def test_nothing_is_required_of_random_weights_and_runs():
    assert require(settings.Model()) is None
    assert require(settings.Model(weights=settings.RunWeights())) is None


@pytest.mark.thorough
def test_the_check_does_not_load_torch():
    code = "import sys, workbench.model.weights.files; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_networks_of_our_own_do_not_load_timm():
    loads_timm = {"timm_backbone.py", "download.py"}
    for module in (PACKAGE / "model").rglob("*.py"):
        imported = {
            getattr(statement, "module", None) or statement.names[0].name
            for statement in ast.parse(module.read_text()).body
            if isinstance(statement, ast.Import | ast.ImportFrom)
        }
        slow = {f"workbench.model.{name.removesuffix('.py')}" for name in loads_timm}
        assert ("timm" in imported) == (module.name in loads_timm), module.name
        assert not imported & slow, module.name

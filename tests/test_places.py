"""Every face uses the same folders, wherever it was started."""

import pytest

from workbench import paths
from workbench.errors import PlaceError


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.delenv("WORKBENCH_RUNS", raising=False)
    monkeypatch.delenv("WORKBENCH_DATASETS", raising=False)
    for name in ("recipes", "notebooks/class"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "app.py").touch()
    return tmp_path


@pytest.mark.parametrize("where", [".", "notebooks", "notebooks/class"])
def test_a_notebook_has_the_runs_of_its_project(project, monkeypatch, where):
    monkeypatch.chdir(project / where)
    assert paths.runs_folder() == project / "runs"
    assert paths.datasets_folder() == project / "datasets"


def test_elsewhere_it_is_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("WORKBENCH_RUNS", raising=False)
    monkeypatch.chdir(tmp_path)
    assert paths.runs_folder() == tmp_path / "runs"


def test_the_environment_decides(project, monkeypatch):
    monkeypatch.chdir(project)
    monkeypatch.setenv("WORKBENCH_RUNS", str(project / "other"))
    assert paths.runs_folder() == project / "other"
    assert paths.calibrations_folder() == project / "other" / ".calibrations"


def test_no_path_leads_out_of_its_root(tmp_path):
    assert paths.confined(tmp_path, "a", "b") == tmp_path.resolve() / "a" / "b"
    with pytest.raises(PlaceError, match="leads outside"):
        paths.confined(tmp_path, "..", "b")

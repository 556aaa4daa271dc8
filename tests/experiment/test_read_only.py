"""A run in a folder that cannot be written is looked at like any other."""

import os
import shutil
import stat
import subprocess
import sys

import pytest

from tests.experiment.tiny import GALLERY, QUERY

PROGRAM = """
import sys
from pathlib import Path
from workbench.cli.entry import main
from workbench.errors import RunError
from workbench.experiment.run_rankings import open_rankings
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle.launch import resume
from workbench.runs.management import delete_run
from workbench.ui.views.parts.norms_view import lengths_view
from workbench.ui.views.map.map_view import points_of
from workbench.ui.views.runs.run_view import curves_file, rows

run = RunFolder(Path(sys.argv[1]))
try:
    (run.path / "probe").write_text("")
except OSError as error:
    print(error.strerror)
print(len(open_rankings(run, "raw").list(0, 3)))
print(curves_file(run).read_text().splitlines()[0])
print(rows()[0]["state"])
print(main(["rank", run.id, "--query", "0", "--json"]), main(["runs", "export", run.id]))
norms = main(["explain", run.id, "--lengths", "--weights", "raw", "--out", sys.argv[2]])
images = len(points_of(run, "raw", "pca")) // 8
print("map of", images, "norms", norms, lengths_view(run, "raw")["ready"])
for act in (resume, delete_run):
    try:
        act(run)
    except RunError as error:
        print(error)
"""


@pytest.mark.thorough
def test_a_read_only_run_is_ranked_exported_and_refused_to_be_resumed(finished_run, tmp_path):
    run = tmp_path / "runs" / finished_run.id
    shutil.copytree(finished_run.path, run)
    command = [sys.executable, "-c", PROGRAM, str(run), str(tmp_path / "norms")]
    environment = os.environ | {"WORKBENCH_RUNS": str(run.parent), "TMPDIR": str(tmp_path)}
    if os.geteuid() == 0:  # whom no mode stops
        bind = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
        command = ["unshare", "--mount", "sh", "-c", bind, "sh", str(run.parent), *command]
    else:
        for path in (run.parent, *run.parent.rglob("*")):
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if os.geteuid():
        subprocess.run(["chmod", "-R", "u+w", str(run.parent)], check=True)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[0] in ("Read-only file system", "Permission denied")
    assert lines[1] == "3"
    assert "step" in lines[2]
    assert lines[3] == "finished"
    assert "0 0" in lines
    images = len(QUERY) + len(GALLERY)
    assert f"map of {images} norms 0 True" in lines
    assert "finished: there is nothing to resume" in lines[-2]
    assert "can be looked at only" in lines[-1]
    assert "Make it writable" in lines[-1]
    assert not (run / "cache").exists() or not (run / "cache" / "curves.csv").exists()

"""Drawing a folder: real drawing processes, small sets."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.data.readers import playground as reader
from workbench.data.synthetic import playground
from workbench.data.synthetic.playground.plan import make_plan
from workbench.errors import DataError, PlaceError

pytestmark = pytest.mark.process

DRAW = """
import json, sys
from pathlib import Path
from workbench.data.synthetic import playground
from workbench.recipe.settings.data import Playground

def report(stage, done, total):
    print(json.dumps([stage, done, total]), flush=True)

print(playground.make(Playground(**json.loads(sys.argv[1])), Path(sys.argv[2]), report))
"""


def drawing_process(settings, folder):
    command = [sys.executable, "-c", DRAW, settings.model_dump_json(), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def contents(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def hidden(folder):
    return [path.name for path in (folder / "playground").glob(".drawing-*")]


def test_the_folder_is_complete(settings, tmp_path):
    calls = []
    path = playground.make(settings, tmp_path, lambda *call: calls.append(call))
    assert path == tmp_path / "playground" / playground.digest(settings)
    plan = make_plan(settings)
    images = [json.loads(line) for line in (path / "images.jsonl").read_text().splitlines()]
    assert [image["file"] for image in images] == [
        f"{job.folder}/{job.stem}.jpg" for job in plan.jobs
    ]
    for image, job in zip(images, plan.jobs, strict=True):
        with Image.open(path / image["file"]) as picture:
            assert picture.size == (16, 32)
        with Image.open(path / "masks" / f"{job.stem}.png") as mask:
            assert (mask.mode, mask.size) == ("L", (16, 32))
            labels = np.bincount(np.asarray(mask).ravel(), minlength=len(playground.PARTS))
        assert dict(zip(playground.PARTS[1:], labels[1:], strict=True)) == image["visible"]
    people = json.loads((path / "identities.json").read_text())
    assert sorted(map(int, people)) == list(range(1, 11))
    total = len(plan.jobs)
    assert calls[0] == ("drawing", 0, total)
    assert calls[-1] == ("drawing", total, total)
    assert [done for _, done, _ in calls] == sorted(done for _, done, _ in calls)


def test_the_reader_of_market_1501_reads_it(settings, tmp_path):
    split = reader.read(playground.make(settings, tmp_path))
    plan = make_plan(settings)
    folders = Counter(job.folder for job in plan.jobs)
    assert split.identities == 6
    assert [len(part) for part in (split.train, split.query, split.gallery)] == [
        folders[name] for name in ("bounding_box_train", "query", "bounding_box_test")
    ]
    assert {sample.identity for sample in split.gallery} >= {-1, 0}
    assert not split.notes


def test_the_number_of_processes_changes_no_byte(settings, tmp_path):
    one = contents(playground.make(settings, tmp_path / "one", workers=1))
    assert contents(playground.make(settings, tmp_path / "three", workers=3)) == one


def test_what_is_there_is_not_drawn_again(settings, tmp_path):
    path = playground.make(settings, tmp_path)
    before = (path / "images.jsonl").stat().st_mtime_ns

    def refuse(stage, done, total):
        raise AssertionError(stage)

    assert playground.make(settings, tmp_path, refuse) == path
    assert (path / "images.jsonl").stat().st_mtime_ns == before


@pytest.mark.parametrize("reason", [KeyboardInterrupt, BrokenPipeError])
def test_an_interrupted_drawing_leaves_nothing(settings, tmp_path, reason):
    def stop(stage, done, total):
        if done:
            raise reason

    with pytest.raises(reason):
        playground.make(settings, tmp_path, stop)
    assert os.listdir(tmp_path / "playground") == [".lock"]


def test_two_at_once_draw_once(settings, tmp_path):
    processes = [drawing_process(settings, tmp_path) for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert outputs[0][-1] == outputs[1][-1]
    drew = [any('"drawing"' in line for line in lines) for lines in outputs]
    assert sorted(drew) == [False, True]
    assert not hidden(tmp_path)


def children_of(pid):
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_killed_drawing_leaves_no_process_and_is_cleared_by_the_next(settings, tmp_path):
    large = settings.model_copy(update={"train_identities": 200, "image_height": 64})
    process = drawing_process(large, tmp_path)
    for line in process.stdout:
        if json.loads(line)[1]:
            break
    children = children_of(process.pid)
    assert len(children) == 2
    process.send_signal(signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert hidden(tmp_path) == [f".drawing-{playground.digest(large)}"]
    assert not (tmp_path / "playground" / playground.digest(large)).exists()
    assert playground.make(settings, tmp_path).is_dir()
    assert not hidden(tmp_path)


def test_a_killed_drawing_process_is_one_sentence(settings, tmp_path):
    before = children_of(os.getpid())

    def kill_children(stage, done, total):
        if not done:
            return
        for child in set(children_of(os.getpid())).difference(before):
            os.kill(child, signal.SIGKILL)

    with pytest.raises(DataError, match="killed by signal 9"):
        playground.make(settings, tmp_path, kill_children)
    assert os.listdir(tmp_path / "playground") == [".lock"]


def test_a_picture_that_cannot_be_written_is_one_sentence(settings, tmp_path):
    def break_folder(stage, done, total):
        for masks in (tmp_path / "playground").glob(".drawing-*/masks"):
            for mask in masks.iterdir():
                mask.unlink()
            masks.rmdir()

    with pytest.raises(PlaceError, match="could not be drawn into"):
        playground.make(settings, tmp_path, break_folder)
    assert os.listdir(tmp_path / "playground") == [".lock"]

"""Memory of a real server that is asked for large pictures all at once."""

import http.client
import os
import socket
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from workbench.paths import PACKAGE

MEGABYTES_OF_ONE = 4 * 49
ROUTES = (
    "/api/data/images/{part}/{index}.jpg?dataset=folder%2Flarge&height={height}",
    "/api/data/facts/{part}/{index}?dataset=folder%2Flarge",
)

pytestmark = [
    pytest.mark.process,
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


def large_png(width, height):
    """A PNG of one colour, written without its pixels ever being held."""

    def chunk(kind, body):
        checksum = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + checksum

    packing, row, packed = zlib.compressobj(1), b"\0" + b"\x60\x30\x10" * width, []
    for _ in range(height):
        packed.append(packing.compress(row))
    packed.append(packing.flush())
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", b"".join(packed)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def memory(pid, name):
    """``VmRSS`` or ``VmHWM`` of a process in megabytes."""
    with open(f"/proc/{pid}/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The page's server as a user starts it: its process, its port, its data sets."""
    folder = tmp_path_factory.mktemp("served")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"PORT": port, "RUNS": folder / "runs", "DATASETS": folder, "BROWSER": 0}
    environment = {f"WORKBENCH_{name}": str(value) for name, value in settings.items()}
    with subprocess.Popen(
        [sys.executable, PACKAGE.parent / "app.py"], env=os.environ | environment, cwd=folder
    ) as started:
        try:
            while not _answers(port):
                assert started.poll() is None
                time.sleep(0.2)
            yield started.pid, port, folder
        finally:
            started.terminate()


def _answers(port):
    try:
        return ask(port, "/api/data")[0] == 200
    except OSError:
        return False


def ask(port, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("GET" if body is None else "POST", path, body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_large_pictures_all_at_once_take_the_memory_of_one_and_give_it_back(server):
    pid, port, datasets = server
    picture = large_png(7000, 7000)
    for person in range(3):
        folder = datasets / "large" / "test" / f"p{person}"
        folder.mkdir(parents=True)
        for number in range(2):
            (folder / f"{number}.png").write_bytes(picture)
    assert ask(port, "/api/data/samples?dataset=folder%2Flarge")[0] == 200
    before = memory(pid, "VmRSS")
    questions = [
        route.format(part="query", index=index, height=100 + index)
        for index in range(6)
        for route in ROUTES
    ]
    with ThreadPoolExecutor(12) as pool:
        assert {status for status, _ in pool.map(lambda path: ask(port, path), questions)} == {200}
    # One decoded picture, a reduced copy and the rows of its decoder; not six, and not twelve.
    assert memory(pid, "VmHWM") < before + 2 * MEGABYTES_OF_ONE
    assert memory(pid, "VmRSS") < before + 60


def test_small_uploads_of_many_pixels_take_the_memory_of_two(server):
    pid, port, _ = server
    upload = large_png(5000, 5000)
    before = memory(pid, "VmRSS")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(port, "/api/uploads", upload), range(8)))
        assert {status for status, _ in answers} == {200}
        words = [content.decode().split('"')[3] for _, content in answers]
        shown = list(pool.map(lambda word: ask(port, f"/api/uploads/{word}.jpg"), words))
        assert {status for status, _ in shown} == {200}
    assert memory(pid, "VmHWM") < before + 2 * MEGABYTES_OF_ONE

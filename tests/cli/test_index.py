"""The index command: build, search and serve."""

import json
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest

from workbench.cli import main
from workbench.cli.commands.index import handler
from workbench.retrieval.index.faiss_index import IndexSettings, SearchIndex, build_index


@pytest.fixture
def files(tmp_path):
    vectors = np.random.default_rng(0).standard_normal((50, 8)).astype(np.float32)
    np.save(tmp_path / "gallery.npy", vectors)
    np.save(tmp_path / "queries.npy", vectors[:2])
    return [str(tmp_path / name) for name in ("gallery.npy", "queries.npy", "index")]


@pytest.mark.thorough
def test_build_then_search(files, capsys):
    gallery, queries, folder = files
    assert main(["index", "build", gallery, folder, "--kind", "flat", "--json"]) == 0
    built = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (built["images"], built["recall_at_10"]) == (50, 1)
    assert main(["index", "search", folder, queries, "-k", "60", "--json"]) == 0
    captured = capsys.readouterr()
    nearest = [json.loads(line) for line in captured.out.splitlines()]
    assert [line["rows"][0] for line in nearest] == [0, 1]
    assert "The gallery has 50 images: that many are listed, not 60." in captured.err


def test_build_says_recall_beside_speed(files, capsys):
    assert main(["index", "build", files[0], files[2]]) == 0
    assert "of the true 10 nearest in" in capsys.readouterr().out


def test_a_missing_index_is_refused(files, capsys):
    assert main(["index", "search", files[2], files[1]]) == 2
    assert "is not an index that can be read" in capsys.readouterr().err


@pytest.fixture
def ask(tmp_path):
    build_index(np.eye(4), tmp_path / "index", IndexSettings("flat"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(SearchIndex(tmp_path / "index")))
    thread = Thread(target=server.serve_forever)
    thread.start()

    def request(method, path, body=None):
        connection = HTTPConnection("127.0.0.1", server.server_port, timeout=20)
        connection.request(method, path, body)
        answer = connection.getresponse()
        value = answer.status, json.loads(answer.read())
        connection.close()
        return value

    yield request
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.thorough
def test_serving(ask):
    assert ask("GET", "/") == (200, {"images": 4, "dim": 4, "recall": 1.0})
    status, reply = ask("POST", "/search", json.dumps({"vectors": [[0, 0, 1, 0]], "k": 9}))
    assert (status, reply["rows"][0][0], reply["k"]) == (200, 2, 4)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("/search", "no", "send "),
        ("/search", '{"vectors": [[1, 2]]}', "queries have width 2"),
        ("/search", "", "the request must be JSON"),
        ("/other", "{}", "There is nothing at /other"),
    ],
)
def test_bad_requests_get_a_sentence(ask, path, body, sentence):
    status, answer = ask("POST", path, body)
    assert status == 400
    assert answer["error"].startswith(sentence)

"""``index``: build a search index of vectors on disk, search it, and answer over HTTP."""

import json
from argparse import Namespace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from workbench.cli.bars import bar
from workbench.cli.output import Output
from workbench.errors import DataError, PlaceError, WorkbenchError
from workbench.retrieval.embeddings.vector_files import read_vectors
from workbench.retrieval.index.faiss_index import (
    IndexAbout,
    IndexSettings,
    SearchIndex,
    build_index,
)

LARGEST_REQUEST = 64 * 2**20


def build(options: Namespace, output: Output) -> int:
    """Build an index of a file and say what it finds and how fast."""
    settings = IndexSettings(
        kind=options.kind,
        distance=options.distance,
        lists=options.lists,
        probes=options.probes,
        code_bytes=options.code_bytes,
        shards=options.shards,
    )
    with bar(output) as progress:
        about = build_index(Path(options.vectors), Path(options.folder), settings, progress)
    _say(about, output)
    return 0


def search(options: Namespace, output: Output) -> int:
    """Print the nearest gallery rows of each query of a file."""
    index = SearchIndex(Path(options.folder))
    queries = read_vectors(Path(options.queries), "query")
    distances, rows = index.search(queries, options.k, options.probes)
    if rows.shape[1] < options.k:
        output.warn(
            f"The gallery has {rows.shape[1]} images: that many are listed, not {options.k}."
        )
    for query, (query_distances, nearest) in enumerate(
        zip(distances.tolist(), rows.tolist(), strict=True)
    ):
        if output.json_lines:
            output.record("nearest", query=query, rows=nearest, distances=query_distances)
        else:
            pairs = zip(nearest, query_distances, strict=True)
            output.say(
                f"{query}: " + "  ".join(f"{row} ({distance:.4f})" for row, distance in pairs)
            )
    return 0


def serve(options: Namespace, output: Output) -> int:
    """Answer ``POST /search {"vectors": [[...]], "k": 10}`` on this machine until stopped."""
    index = SearchIndex(Path(options.folder))
    try:
        server = ThreadingHTTPServer((options.host, options.port), handler(index))
    except OSError as error:
        raise PlaceError(
            f"port {options.port} of {options.host} cannot be used"
            f" ({error.strerror or error}): choose another with --port."
        ) from error
    with server:
        where = f"http://{options.host}:{server.server_port}"
        if output.json_lines:
            output.record("serving", url=where, images=index.about.images, dim=index.about.dim)
        else:
            output.say(f"{index.about.images} vectors at {where}/search; stop with Ctrl-C")
        server.serve_forever()
    return 0


def handler(index: SearchIndex) -> type[BaseHTTPRequestHandler]:
    """What answers requests with an index: GET / describes it, POST /search searches it."""
    lock = Lock()  # the index has one setting of probes for all who ask

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            about = index.about
            self._send(200, {"images": about.images, "dim": about.dim, "recall": about.recall})

        def do_POST(self) -> None:
            try:
                with lock:
                    self._send(200, _search_reply(index, self.path, self._body()))
            except WorkbenchError as error:
                self._send(400, {"error": str(error)})

        def _body(self) -> bytes:
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 < length <= LARGEST_REQUEST:
                raise DataError("the request must be JSON of at most 64 MB.")
            return self.rfile.read(length)

        def _send(self, status: int, value: dict[str, Any]) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: ANN401
            """Requests are not printed."""

    return Answer


def _search_reply(index: SearchIndex, path: str, body: bytes) -> dict[str, Any]:
    if path != "/search":
        raise DataError(f"There is nothing at {path}: post to /search.")
    try:
        request = json.loads(body)
        vectors = np.array(request["vectors"], dtype=np.float32)
        k = int(request.get("k", 10))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError('send {"vectors": [[number, ...], ...], "k": 10}.') from error
    distances, rows = index.search(vectors, k)
    finite_distances = np.where(np.isfinite(distances), distances, -1.0)  # JSON has no infinity
    return {"rows": rows.tolist(), "distances": finite_distances.tolist(), "k": rows.shape[1]}


def _say(about: IndexAbout, output: Output) -> None:
    if output.json_lines:
        output.record(
            "index",
            index=about.settings.kind,
            images=about.images,
            dim=about.dim,
            build_seconds=about.build_seconds,
            recall_at_10=about.recall,
            milliseconds=about.milliseconds,
            exact_milliseconds=about.exact_milliseconds,
        )
        return
    output.say(f"{about.images} vectors of width {about.dim} in {about.build_seconds:.1f} s")
    output.say(
        f"finds {100 * about.recall:.1f} % of the true 10 nearest in {about.milliseconds:.2f} ms a"
        f" query; exact search takes {about.exact_milliseconds:.2f} ms"
    )

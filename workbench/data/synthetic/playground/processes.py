"""Drawing in several processes, none of them a fork of this one.

A process of our own rather than one of ``multiprocessing``: that would import the caller's main
module anew, and with it whatever the caller has loaded, torch above all.
"""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from workbench.data.synthetic.playground.order import Order
from workbench.data.synthetic.playground.plan import Settings
from workbench.errors import DataError, PlaceError

CHUNK = 24
"""Pictures asked for at a time: about a tenth of a second at the usual size."""

Records = list[dict[str, Any]]


def draw_all(
    settings: Settings, folder: Path, jobs: int, workers: int
) -> Iterator[tuple[int, Records]]:
    """Draw ``jobs`` pictures with up to ``workers`` processes into a folder.

    Yields the records of each piece with the place of its first job, as pieces are done, in no
    particular order. Raises PlaceError where a file cannot be written, DataError where a process
    is killed. However it ends, no process is left.
    """
    pieces = iter([(start, min(start + CHUNK, jobs)) for start in range(0, jobs, CHUNK)])
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for _, piece in zip(range(workers), pieces, strict=False):
            process = stack.enter_context(_DrawingProcess(Order.of(settings, folder)))
            process.ask(piece)
            selector.register(process.answers, selectors.EVENT_READ, process)
        while selector.get_map():
            for key, _ in selector.select():
                process: _DrawingProcess = key.data
                start, records = process.answer()
                piece = next(pieces, None)
                if piece:
                    process.ask(piece)
                else:
                    selector.unregister(key.fileobj)
                yield start, records


class _DrawingProcess:
    """One process, asked for one piece at a time."""

    def __init__(self, order: Order) -> None:
        self._folder = order.folder
        self._start = 0
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "workbench.data.synthetic.playground.drawing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(),
            # Ctrl-C is for who asked; the process ends with its input.
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self.answers = self._process.stdin, self._process.stdout
        self._send(order.to_line())

    def __enter__(self) -> "_DrawingProcess":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self.answers.close()
        # What is left in the buffer has nobody to go to.
        with suppress(BrokenPipeError):
            self._requests.close()

    def ask(self, piece: tuple[int, int]) -> None:
        self._start = piece[0]
        self._send(f"{piece[0]} {piece[1]}\n")

    def answer(self) -> tuple[int, Records]:
        """Wait for the piece asked for: its first job and its records."""
        line = self.answers.readline()
        if not line.endswith("\n"):
            raise self._ended()
        answer = json.loads(line)
        if "error" in answer:
            raise PlaceError(
                f"The playground could not be drawn into {self._folder}: {answer['error']}."
                " Make room there or choose another datasets folder, then start again."
            )
        return self._start, answer["records"]

    def _send(self, text: str) -> None:
        # Where the process is gone, the answer that does not come will say so.
        with suppress(BrokenPipeError):
            self._requests.write(text)
            self._requests.flush()

    def _ended(self) -> Exception:
        code = self._process.wait()
        if code < 0:
            return DataError(
                f"A process that drew the playground was killed by signal {-code}, perhaps for"
                " want of memory: close other programs and start again."
            )
        return RuntimeError(f"A process that drew the playground ended with code {code}.")


def _environment() -> dict[str, str]:
    """This process' search path, and no threads for linear algebra that drawing does not need."""
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **one_thread, "PYTHONPATH": path}

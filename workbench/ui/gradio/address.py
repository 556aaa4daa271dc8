"""Where the page listens: the loopback address only, on a port that is really free."""

import os
import socket
from collections.abc import Mapping

from workbench.data.wording import whole_number
from workbench.errors import PlaceError

FIRST_PORT = 7860
PORTS_TRIED = 100
LOOPBACK = ("127.0.0.1", "localhost")


def host_of(environment: Mapping[str, str] = os.environ) -> str:
    """The address to bind: 127.0.0.1.

    Raises PlaceError for a ``WORKBENCH_HOST`` that other machines could reach: whoever can open the
    page can start programs here.
    """
    host = environment.get("WORKBENCH_HOST") or LOOPBACK[0]
    if host not in LOOPBACK:
        raise PlaceError(
            f"WORKBENCH_HOST = {host}: the page is for this machine only. Leave it out, or use"
            " 127.0.0.1 and reach it from elsewhere through an SSH tunnel."
        )
    return LOOPBACK[0]


def listen(environment: Mapping[str, str] = os.environ) -> socket.socket:
    """A listening socket on ``WORKBENCH_PORT``, else on 7860 or the next free port.

    It listens at once, so that the port cannot be lost between asking and using it.
    Raises PlaceError where the port given is taken or none is free.
    """
    host = host_of(environment)
    given = environment.get("WORKBENCH_PORT")
    if given:
        return _listen_or_refuse(host, _port_number(given))
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        try:
            return _listen(host, port)
        except OSError:
            continue
    last = FIRST_PORT + PORTS_TRIED - 1
    raise PlaceError(
        f"Ports {FIRST_PORT} to {last} are all taken: set WORKBENCH_PORT to a free one."
    )


def _port_number(text: str) -> int:
    port = whole_number(text, 5)
    if port is None or not 0 < port < 65536:
        raise PlaceError(f"WORKBENCH_PORT = {text}: not a port. Use a number from 1 to 65535.")
    return port


def _listen_or_refuse(host: str, port: int) -> socket.socket:
    try:
        return _listen(host, port)
    except OSError as error:
        raise PlaceError(
            f"WORKBENCH_PORT = {port}: {(error.strerror or str(error)).lower()}. Stop the program"
            " that uses it, choose another port, or leave WORKBENCH_PORT out to get the next free"
            " one."
        ) from error


def _listen(host: str, port: int) -> socket.socket:
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # A page killed with open connections leaves its port in TIME_WAIT; its successor gets it.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        connection.bind((host, port))
        connection.listen(128)
    except OSError:
        connection.close()
        raise
    return connection

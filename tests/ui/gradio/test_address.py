import socket

import pytest

from workbench.errors import PlaceError
from workbench.ui.gradio.address import host_of, listen
from workbench.ui.gradio.server import show


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_a_given_port_is_used():
    port = free_port()
    with listen({"WORKBENCH_PORT": str(port)}) as connection:
        assert connection.getsockname() == ("127.0.0.1", port)


def test_a_given_port_that_is_taken_is_refused(taken):
    with pytest.raises(PlaceError, match=f"WORKBENCH_PORT = {taken}: address already in use"):
        listen({"WORKBENCH_PORT": str(taken)})


@pytest.mark.parametrize("text", ["many", "0", "65536", "-1", "78 60"])
def test_what_is_no_port_is_refused(text):
    with pytest.raises(PlaceError, match="1 to 65535"):
        listen({"WORKBENCH_PORT": text})


def test_without_a_port_the_next_free_one_is_taken(monkeypatch, taken):
    monkeypatch.setattr("workbench.ui.gradio.address.FIRST_PORT", taken)
    with listen({}) as connection:
        assert connection.getsockname()[1] > taken


def test_a_page_killed_with_open_connections_gets_its_port_back():
    first = listen({"WORKBENCH_PORT": str(free_port())})
    port = first.getsockname()[1]
    client = socket.create_connection(("127.0.0.1", port))
    served, _ = first.accept()
    # The server's side closes first, as it does when a process is killed: TIME_WAIT stays here.
    served.close()
    first.close()
    client.close()
    with listen({"WORKBENCH_PORT": str(port)}) as again:
        assert again.getsockname()[1] == port


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.7", "example.org", "::"])
def test_another_host_is_refused(host):
    with pytest.raises(PlaceError, match="this machine only"):
        host_of({"WORKBENCH_HOST": host})


def test_the_usual_host_is_the_loopback_address():
    assert [host_of({}), host_of({"WORKBENCH_HOST": "localhost"})] == ["127.0.0.1"] * 2


def test_no_browser_is_opened_where_it_is_not_wanted(monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    assert not show("http://x", {"WORKBENCH_BROWSER": "0", "DISPLAY": ":0"})
    assert not show("http://x", {})
    assert show("http://x", {"DISPLAY": ":0"})
    assert opened == ["http://x"]

"""Ctrl-C on the page's server while a browser shows the page."""

import signal

import pytest

from tests.browser.conftest import SERVER_GONE, Server

pytestmark = pytest.mark.browser


def test_ctrl_c_with_a_tab_open_ends_quietly_with_130(tmp_path, visit):
    server = Server(tmp_path).start()
    try:
        page = visit(server, allowed=SERVER_GONE).open()
        page.wait_for_timeout(2000)  # the page asks for news all the time
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(60) == 130
    finally:
        server.kill()
    log = (tmp_path / "server.log").read_text()
    assert "Traceback" not in log
    assert "Error" not in log

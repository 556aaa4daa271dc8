import pytest
from starlette.datastructures import Headers

from workbench.ui.gradio.guard import refusal


def asked(method, **headers):
    return refusal(
        method, Headers({name.replace("_", "-"): text for name, text in headers.items()})
    )


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost", "localhost:9000", "[::1]:7860"])
def test_loopback_names_are_let_in(host):
    assert asked("GET", host=host) is None


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_a_foreign_name_for_this_machine_is_refused(host):
    assert "not this machine" in asked("GET", host=host)


def test_the_page_itself_may_change_things():
    assert asked("POST", host="127.0.0.1:7860", origin="http://127.0.0.1:7860") is None


def test_a_program_without_a_browser_may_change_things():
    assert asked("POST", host="127.0.0.1:7860") is None


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:1234", "http://localhost:7860", "null"]
)
def test_another_origin_may_not_change_things(origin):
    assert "may not change" in asked("POST", host="127.0.0.1:7860", origin=origin)


def test_a_browser_that_names_no_origin_is_judged_by_the_site_it_comes_from():
    host = "127.0.0.1:7860"
    assert asked("POST", host=host, sec_fetch_site="same-origin") is None
    assert "may not change" in asked("POST", host=host, sec_fetch_site="cross-site")


def test_a_damaged_host_is_refused():
    assert "not this machine" in asked("GET", host="[::1")


@pytest.mark.parametrize(
    "host",
    [
        "[::1].evil.com",
        "[::1].evil.com:80",
        "[::1]:80.evil.com",
        "user@localhost",
        "localhost:80@evil.com",
        "localhost\n",
        "127.0.0.1:port",
        "localhost/evil.com",
    ],
)
def test_a_host_that_only_begins_or_ends_like_this_machine_is_refused(host):
    assert "not this machine" in asked("GET", host=host)


@pytest.mark.parametrize(
    "origin", ["http://[bad", "http://[::1", "[", "http://127.0.0.1:7860/", "ftp://127.0.0.1:7860"]
)
def test_an_origin_that_is_no_address_is_refused_and_not_a_fault(origin):
    assert "may not change" in asked("POST", host="127.0.0.1:7860", origin=origin)


def test_the_page_by_its_ipv6_address_may_change_things():
    assert asked("POST", host="[::1]:7860", origin="http://[::1]:7860") is None

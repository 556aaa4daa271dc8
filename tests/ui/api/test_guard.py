import asyncio

import pytest
from starlette.datastructures import Headers

from workbench.ui.api.bodies import DEEPEST, LARGEST_BODY
from workbench.ui.api.exposed import answers
from workbench.ui.api.guard import LoopbackGuard, refusal, with_policy


def asked(method, path="/", **headers):
    return refusal(
        method,
        path,
        Headers({name.replace("_", "-"): text for name, text in headers.items()}),
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


@pytest.mark.parametrize("site", ["cross-site", "same-site"])  # another port is the same site
def test_another_site_may_not_load_anything_but_by_a_link_to_the_page(site):
    host = "127.0.0.1:7860"
    link = {"sec_fetch_site": site, "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    frame = link | {"sec_fetch_dest": "iframe"}
    image = link | {"sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"}
    assert asked("GET", host=host, **link) is None
    for path, headers in (("/", frame), ("/", image), ("/api/runs", image), ("/api/runs", link)):
        assert "may not load" in asked("GET", path, host=host, **headers)
    own = image | {"sec_fetch_site": "same-origin"}
    assert asked("GET", "/api/runs", host=host, **own) is None


def test_another_port_of_this_machine_may_not_load_anything():
    headers = {"host": "127.0.0.1:7860", "origin": "http://127.0.0.1:8888"}
    assert "may not load" in asked("GET", "/api/runs", **headers)
    assert "may not load" in asked("OPTIONS", "/api/runs", **headers)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/component_server"),
        ("GET", "/gradio_api/file=/etc/hostname"),
        ("GET", "/gradio_api/proxy=http://127.0.0.1/"),
        ("GET", "/gradio_api/deep_link"),
        ("GET", "/monitoring"),
        ("GET", "/openapi.json"),
        ("POST", "/login"),
        ("PUT", "/api/runs"),
        ("OPTIONS", "/api/runs"),
        ("GET", "//api/runs"),
    ],
)
def test_addresses_of_gradio_that_nothing_needs_do_not_answer(method, path):
    assert not answers(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", "/"),
        ("GET", "/config"),
        ("GET", "/assets/index.js"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/queue/data"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/api/uploads"),
    ],
)
def test_addresses_that_the_page_and_its_client_need_answer(method, path):
    assert answers(method, path)


def sent(chunks, path="/api/form", length=None):
    """The status the guard answers to a body in chunks; what it passes on gets 200."""
    passed, statuses, waiting = [], [], list(chunks)

    async def receive():
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def app(scope, receive, send):
        passed.append((await receive())["body"])
        headers = [(b"access-control-allow-origin", b"*"), (b"x-own", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    headers = [(b"host", b"localhost")]
    headers += [(b"content-length", str(length).encode())] if length else []
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    asyncio.run(LoopbackGuard(app)(scope, receive, send))
    return statuses[0], passed, waiting


def test_a_body_in_chunks_is_refused_as_soon_as_it_is_too_long():
    chunk = b" " * (LARGEST_BODY // 4)
    status, passed, unread = sent([chunk] * 100)
    assert (status, passed, len(unread)) == (413, [], 95)


def test_a_body_that_is_declared_too_long_is_not_read():
    status, passed, unread = sent([b"{}"], length=LARGEST_BODY + 1)
    assert (status, passed, unread) == (413, [], [b"{}"])


def test_a_body_in_chunks_arrives_whole():
    assert sent([b'{"a"', b": 1}", b""])[:2] == (200, [b'{"a": 1}'])


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"NaN",
        b'{"preset": NaN}',
        b'{"overrides": {"data.height": 1e999}}',
        b'{"preset": "\\ud800"}',
        b'{"\\udfff": 1}',
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b"[" * 100_000,
        b"9" * 5000,
    ],
    ids=lambda body: str(body[:24]),
)
def test_a_body_that_no_answer_could_repeat_is_refused(body):
    assert sent([body])[:2] == (400, [])


def test_nothing_opens_an_answer_to_another_origin():
    headers = []

    async def send(message):
        headers.extend(name for name, _ in message["headers"])

    own = [(b"Access-Control-Allow-Origin", b"http://localhost:1"), (b"x-own", b"1")]
    asyncio.run(with_policy(send)({"type": "http.response.start", "headers": own}))
    assert headers[0] == b"x-own"

import json
import threading

import pytest
from traitlets import Unicode

from tests.ui import by_hand
from workbench.errors import RunNotFound
from workbench.ui.notebook import panel as panel_module
from workbench.ui.notebook.answers import Answer
from workbench.ui.notebook.panel import Panel


class Greeting(Panel):
    _panel = Unicode("greeting").tag(sync=True)
    title = "Greeting"


class Sending(Greeting):
    """A panel that remembers what it would send to the browser."""

    def __init__(self):
        super().__init__()
        self.sent = []
        self.told = threading.Event()

    def send(self, content, buffers=None):
        self.sent.append((content, buffers))
        self.told.set()


def asked(panel, **message):
    """The answer to a message, as the browser gets it."""
    panel._handle_custom_msg({"ask": "word", "method": "GET", **message}, message.pop("files", []))
    assert panel.told.wait(300)
    (told, (content,)) = panel.sent[-1]
    return told, content


def test_a_question_of_the_browser_is_answered_under_its_word():
    told, content = asked(Sending(), path="api/runs", body=None)
    assert told == {"answer": "word", "status": 200, "type": "application/json"}
    assert json.loads(content) == {"runs": []}


@pytest.mark.thorough
def test_a_question_may_carry_an_object():
    body = {"preset": "playground/global"}
    _, content = asked(Sending(), path="api/form", method="POST", body=body)
    assert json.loads(content)["preset"] == "playground/global"


def test_a_question_may_carry_a_file():
    panel = Sending()
    message = {"ask": "word", "path": "api/uploads", "method": "POST", "body": None}
    panel._handle_custom_msg(message, [memoryview(b"no image")])
    assert panel.told.wait(300)
    (told, (content,)) = panel.sent[-1]
    assert told["status"] == 409
    assert "image" in json.loads(content)["error"]


def test_a_closed_panel_is_told_nothing():
    panel = Sending()
    panel.close()
    panel._reply("word", "api/runs", "GET", b"", "")
    assert panel.sent == []


def test_what_the_person_chose_is_the_value_and_is_not_sent_back(monkeypatch):
    panel, seen, sent = Greeting(), [], []
    panel.on_change(seen.append)
    monkeypatch.setattr(panel, "send_state", sent.append)
    panel._handle_custom_msg({"show": {"name": "me"}}, [])
    assert panel.value == {"name": "me"}
    assert seen == [{"name": "me"}]
    assert sent == []


def test_other_messages_are_passed_over():
    panel = Sending()
    panel._handle_custom_msg({"something": "else"}, [])
    panel._handle_custom_msg({"tell": "nobody listens", "data": {}}, [])
    assert panel.sent == []


def test_listeners_hear_until_they_stop():
    panel, values, events = Greeting({"name": "you"}), [], []
    stop, leave = panel.on_change(values.append), panel.on_event("hello", events.append)
    panel.value = {"name": "me"}
    panel._handle_custom_msg({"tell": "hello", "data": {"to": "all"}}, [])
    stop()
    leave()
    panel.value = {"name": "nobody"}
    panel._handle_custom_msg({"tell": "hello", "data": {"to": "nobody"}}, [])
    assert values == [{"name": "me"}]
    assert events == [{"to": "all"}]


def test_many_panels_share_their_threads(monkeypatch):
    monkeypatch.setattr(panel_module, "answer", lambda *_: Answer(200, "", b""))
    panels = [Sending() for _ in range(20)]
    for one in panels:
        asked(one, path="api/runs")
        one.close()
    working = [one for one in threading.enumerate() if one.name.startswith("workbench panel")]
    assert len(working) <= 4


def test_state_holds_the_value_and_no_scripts():
    state = Greeting({"name": "you"}).get_state()
    assert state["value"] == {"name": "you"}
    assert state["_panel"] == "greeting"
    assert len(json.dumps({key: state[key] for key in state if key[0] == "_"})) < 8000


def test_a_picture_that_cannot_be_drawn_says_why():
    class Wrong(Greeting):
        def to_html(self):
            raise RunNotFound("There is no run <yet>.")

    assert "There is no run &lt;yet&gt;." in Wrong().still()


def test_a_plain_panel_has_an_empty_table_and_figure():
    assert len(Greeting().to_dataframe()) == 0
    assert len(Greeting().to_plotly().data) == 0


@pytest.mark.parametrize("name", ["value", "_panel", "_version", "_plotly", "_esm"])
def test_what_the_script_reads_is_synced(name):
    by_hand.write_run(until=5)
    assert name in Greeting().keys

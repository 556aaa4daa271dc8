import threading

import pytest

from workbench.ui import pending_answers as module
from workbench.ui.pending_answers import Questions

PATIENCE = 30.0


def test_an_answer_is_given_when_it_is_there():
    asked, go = Questions(), threading.Event()
    assert asked.ask("one", lambda: go.wait(PATIENCE) and 1) is None
    go.set()
    assert asked.ask("one", lambda: pytest.fail("asked twice"), PATIENCE) == 1


def test_a_refusal_reaches_whoever_asks():
    def work():
        raise ValueError("no such image")

    with pytest.raises(ValueError, match="no such image"):
        Questions().ask("one", work, PATIENCE)


def test_what_was_asked_last_comes_first_and_what_is_withdrawn_not_at_all(monkeypatch):
    asked, begun, go, order = Questions(), threading.Event(), threading.Event(), []

    def first():
        begun.set()
        go.wait(PATIENCE)
        return order.append("first") or 1

    asked.ask("first", first)
    assert begun.wait(PATIENCE)
    for name in ("second", "third"):
        asked.ask(name, lambda name=name: order.append(name) or name)
    later = threading.Thread(
        target=asked.ask, args=("fourth", lambda: order.append("fourth") or 4, PATIENCE)
    )
    later.start()
    while len(asked._asked) < 4:
        pass
    monkeypatch.setattr(module, "FORGOTTEN_AFTER", 0.0)
    go.set()
    later.join(PATIENCE)
    assert asked.ask("fifth", lambda: order.append("fifth") or 5, PATIENCE) == 5
    assert order == ["first", "fourth", "fifth"]

"""Appended whole, read by byte offset, never a half line."""

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import RunError
from workbench.runs.log import EventLog, end_torn_line, events_of_kinds, parse, read_events


def test_what_is_appended_is_read_once(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    assert read_events(log.path) == ([], 0)
    assert log.append({"kind": "step", "step": 1})
    first, offset = read_events(log.path)
    assert log.append({"kind": "step", "step": 2, "loss": None})
    second, end = read_events(log.path, offset)
    assert first == [{"kind": "step", "step": 1}]
    assert second == [{"kind": "step", "step": 2, "loss": None}]
    assert read_events(log.path, end) == ([], end)


def test_a_half_written_last_line_waits_for_its_end(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"step": 1}\n{"step": 2')
    records, offset = read_events(path)
    assert records == [{"step": 1}]
    with open(path, "ab") as file:
        file.write(b"}\n")
    assert read_events(path, offset)[0] == [{"step": 2}]


def test_a_torn_line_is_ended_once_and_passed_over(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"step": 1}\n{"step": 2, "lo')
    end_torn_line(path)
    end_torn_line(path)
    EventLog(path).append({"step": 3})
    assert path.read_bytes() == b'{"step": 1}\n{"step": 2, "lo\n{"step":3}\n'
    assert read_events(path)[0] == [{"step": 1}, {"step": 3}]


@pytest.mark.parametrize("content", [b"", b'{"step": 1}\n'])
def test_a_whole_file_is_not_touched(tmp_path, content):
    path = tmp_path / "events.jsonl"
    path.write_bytes(content)
    end_torn_line(path)
    assert path.read_bytes() == content


def test_ending_a_line_of_a_missing_file_makes_none(tmp_path):
    end_torn_line(tmp_path / "events.jsonl")
    assert not (tmp_path / "events.jsonl").exists()


@pytest.mark.thorough
@settings(deadline=None, max_examples=60)
@given(cut=st.integers(0, 200), pieces=st.lists(st.integers(1, 60), max_size=8))
def test_wherever_a_crash_cuts_and_a_reader_looks_every_whole_record_comes_once(
    tmp_path_factory, cut, pieces
):
    path = tmp_path_factory.mktemp("log") / "events.jsonl"
    records = [{"kind": "step", "step": step, "words": '}{"\n,'} for step in range(5)]
    whole = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    data, seen, offset, written = whole[:cut], [], 0, 0
    for piece in [*pieces, len(data)]:
        with open(path, "ab") as file:
            file.write(data[written : written + piece])
        written += piece
        new, offset = read_events(path, offset)
        seen += new
    end_torn_line(path)
    EventLog(path).append({"kind": "resumed", "step": 0})
    new, offset = read_events(path, offset)
    # A record that lacks nothing but its line's end is saved when the line is ended.
    tail = data.rpartition(b"\n")[2]
    complete = records[: data.count(b"\n") + (tail in whole.splitlines())]
    assert seen + new == [*complete, {"kind": "resumed", "step": 0}]
    assert read_events(path)[0] == [*complete, {"kind": "resumed", "step": 0}]


def test_a_full_disk_is_tried_again_and_leaves_no_half_line(tmp_path, monkeypatch):
    log = EventLog(tmp_path / "events.jsonl")
    log.append({"step": 1})
    real, calls = os.write, []

    def half(descriptor, data):
        calls.append(1)
        return real(descriptor, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", half)
    assert log.append({"step": 2}) is False
    assert len(calls) == 2
    monkeypatch.undo()
    assert log.append({"step": 3}) is True
    assert read_events(log.path)[0] == [{"step": 1}, {"step": 3}]


def test_a_write_that_fails_once_is_made_good(tmp_path, monkeypatch):
    log, real, failures = EventLog(tmp_path / "events.jsonl"), os.write, [OSError(28, "full")]

    def once(descriptor, data):
        if failures:
            raise failures.pop()
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", once)
    assert log.append({"step": 1}) is True
    assert read_events(log.path)[0] == [{"step": 1}]


def test_a_vanished_folder_ends_the_run_with_a_sentence(tmp_path):
    with pytest.raises(RunError, match=r"gone: the run ends"):
        EventLog(tmp_path / "gone" / "events.jsonl").append({"step": 1})


def test_numbers_that_json_has_no_word_for_never_reach_the_file(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        EventLog(tmp_path / "events.jsonl").append({"loss": float("nan")})
    assert read_events(tmp_path / "events.jsonl") == ([], 0)


ODD_LINES = [
    b'{"step":1,"loss":0.1}',
    b'{"step":2,"loss":NaN,"rate":-Infinity}',
    b'{"step":3,"loss":1e999,"norm":-0,"rate":-0.0}',
    b'{"step":123456789012345678901234567890}',
    b'{"step":4,"loss":0.30000000000000004,"rate":5e-324}',
    b'{"step":4,"step":5}',
    b'{"step":6,"lo',
    b'{"words":"\\ud800"}',
    b'{"words":"\xff"}',
    b'{"words":"\xed\xa0\x80"}',
    b'{"words":"a\tb"}',
    b'{"losses":' + b"[" * 300 + b"]" * 300 + b"}",
    b"",
    b"null",
    b"[1]",
    b'{"step":7},',
    b"{'step':8}",
    b' {"step": 9 } \t',
]


def _records_of_one_line(line):
    try:
        value = json.loads(line)
    except ValueError:
        return []
    return [value] if isinstance(value, dict) else []


@given(lines=st.lists(st.sampled_from(ODD_LINES), max_size=12))
def test_lines_parsed_together_say_what_the_standard_library_reads_of_each(lines):
    expected = [record for line in lines for record in _records_of_one_line(line)]
    assert repr(parse(lines)) == repr(expected)


def test_a_damaged_line_spoils_no_block_of_a_long_log():
    lines = [b'{"step":%d}' % step for step in range(5000)]
    lines[3000] = b'{"step":3'
    assert [record["step"] for record in parse(lines)] == [*range(3000), *range(3001, 5000)]


def test_events_of_some_kinds_are_those_among_all(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    for step in range(3):
        log.append({"kind": "step", "step": step, "recipe": "evaluated"})
        log.append({"kind": "evaluated", "step": step, "metrics": {"raw": {"mAP": 0.5}}})
        log.append({"kind": "evaluated", "step": "odd"})
    expected = [event for event in read_events(log.path)[0] if event["kind"] == "evaluated"]
    assert len(expected) == 3
    assert events_of_kinds(log.path, "evaluated") == expected

"""A text as it is copied from a terminal, a notebook or a README, as the lines that were typed."""

import re

_CONTINUED = re.compile(r"(?<!\S)(\S*)([\\^`])[ \t]*(?:\r?\n|\r|\Z)(?:>[ \t])?")
_DRIVE = re.compile(r"[\"']?[A-Za-z]:\\\S*")
_USER = r"\[?[\w.-]+@[^\s$#%>]+(?:[ \t][^\s$#%>]+)?\]?[ \t]?[$#%>]"
_WINDOWS = r"(?:PS )?[A-Za-z]:\\[^>\n\"']*>"
_ENVIRONMENT = r"(?:\([\w./-]+\)[ \t]*)?"
_PROMPT = re.compile(
    rf"\A[ \t]*{_ENVIRONMENT}(?:{_USER}|{_WINDOWS}|[$%>](?=[ \t])|In \[\d*\]:)[ \t]*"
)
_CELL = re.compile(r"\A[ \t]*(?:%run(?=\s)|!\{sys\.executable\}|(?:!|%(?=cd\s))[ \t]*)")


def typed_lines(text: str) -> list[str]:
    r"""Lines less prompts, marks of notebook cells, and ends after ``\``, ``^`` or a backtick.

    >>> typed_lines("(reid) ann@box:~$ python train.py \\\n>   --PCB\n!python test.py")
    ['python train.py   --PCB', 'python test.py']
    """
    lines = _CONTINUED.sub(_joined, text).splitlines()
    return [_CELL.sub(_started, _PROMPT.sub("", line)) for line in lines]


def _joined(match: "re.Match[str]") -> str:
    before, mark = match[1], match[2]
    ends_a_word = mark != "\\" and before
    if ends_a_word or _DRIVE.fullmatch(before):  # the last character of a path or a word
        return match[0]
    return f"{before} "


def _started(match: "re.Match[str]") -> str:
    return "python" if match[0].lstrip()[:2] in ("%r", "!{") else ""

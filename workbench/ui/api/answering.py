"""JSON as the page is answered: names of files that are not UTF-8 with replacement characters."""

import json
import re

from fastapi.responses import JSONResponse

from workbench.data.wording import shown

LONGEST_WORD = 400
"""Characters without a space; the folder of a run has fewer."""
_LONG = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")


def sentence(text: str) -> str:
    """A refusal in one printable line, whatever of a request or of a file it repeats.

    Words above ``LONGEST_WORD`` are cut; each control character becomes a replacement character.
    """
    short = _LONG.sub(lambda word: f"{word[0][: LONGEST_WORD // 2]}…{word[0][-20:]}", text)
    line = " ".join(short.splitlines())
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in line)


class Answer(JSONResponse):
    """A JSON body that can always be encoded."""

    def render(self, content: object) -> bytes:
        """The body in UTF-8."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return shown(text).encode()

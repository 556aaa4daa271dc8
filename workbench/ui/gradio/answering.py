"""JSON as the page is answered: names of files that are not UTF-8 with replacement characters."""

import json

from fastapi.responses import JSONResponse

from workbench.data.wording import shown


class Answer(JSONResponse):
    """A JSON body that can always be encoded."""

    def render(self, content: object) -> bytes:
        """The body in UTF-8."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return shown(text).encode()

"""What a miniature consists of, before a pixel is drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PIL import Image

Draw = Callable[[], Image.Image]
Row = Mapping[str, str | int]


@dataclass(frozen=True)
class Contents:
    """Files by their paths, relative to the folder the data set is named by.

    Attributes:
        folder: the name its archive unpacks to; empty where two lie side by side.
        inner: the data set's own folder inside it, where it lies beside another one.
        pictures: how each picture is drawn; the ending says its format.
        texts: text files.
        tables: Matlab files with a struct array ``annotations``, one row an element.
    """

    folder: str
    pictures: Mapping[str, Draw]
    texts: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    inner: str = ""

    def beside(self, other: "Contents") -> "Contents":
        """This data set and another one, in a folder each."""
        pictures = {
            f"{contents.folder}/{path}": draw
            for contents in (self, other)
            for path, draw in contents.pictures.items()
        }
        return Contents("", pictures, inner=self.folder)


def lines(rows: list[str]) -> str:
    """A text file of these lines."""
    return "".join(f"{row}\n" for row in rows)

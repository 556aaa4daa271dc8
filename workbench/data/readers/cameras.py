"""Camera numbers from the names that files or lists give cameras."""

from collections.abc import Mapping, Sequence

from workbench.data.readers.patterns import LabelPattern
from workbench.data.samples import UNKNOWN_CAMERA
from workbench.data.wording import counted, is_number

_PATH = "data.dataset.camera_pattern"


class CameraNames:
    """Numbers for the names of cameras.

    Whole numbers are kept; other names, such as ``left``, are numbered from 1 in sorted order,
    which ``notes`` says. An image without a name has an unknown camera. ``earlier`` gives the
    numbers of versions in which 0 was no camera, where they differ.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        """``names`` gives the camera of each image by its path, where it has one."""
        self.notes: list[str] = []
        self._names = dict(names)
        ordered = sorted(set(self._names.values()))
        own = {name: int(name) for name in ordered if is_number(name)}
        by_order = {name: number for number, name in enumerate(ordered, start=1)}
        self.earlier: dict[int, int] = {}
        if len(own) == len(ordered):
            self._numbers = own
            if 0 in own.values():
                self.earlier = {own[name]: by_order[name] for name in ordered}
        else:
            self._numbers = by_order
            self.notes.append(
                "Cameras are numbered in the order of their names: "
                + ", ".join(f"{name} = {number}" for name, number in self._numbers.items())
                + "."
            )

    @classmethod
    def by_pattern(cls, pattern: str | None, paths: Sequence[str]) -> "CameraNames":
        """Cameras of ``paths`` by a recipe's pattern.

        Raises RecipeError where the pattern is no regular expression or has no group.
        """
        if pattern is None:
            return cls._unknown(f"{_PATH} is empty")
        names = LabelPattern(pattern, _PATH, "camera", "_c(\\d+)").labels(paths)
        cameras = cls(names)
        cameras._count_unknown(paths, f"{_PATH} = {pattern} finds nothing in the name")
        return cameras

    @classmethod
    def by_column(cls, names: Mapping[str, str], paths: Sequence[str]) -> "CameraNames":
        """Cameras of ``paths`` by a list's column; a path without a name is not in ``names``."""
        if not names:
            return cls._unknown("the list has no column camera, or it is empty")
        cameras = cls(names)
        cameras._count_unknown(paths, "the list gives none")
        return cameras

    def number(self, path: str) -> int:
        """Camera number of a file, -1 where it is unknown."""
        return self._numbers.get(self._names.get(path, ""), UNKNOWN_CAMERA)

    @classmethod
    def _unknown(cls, reason: str) -> "CameraNames":
        cameras = cls({})
        cameras.notes.append(
            f"Cameras are unknown, because {reason}: images from a query's own camera count as"
            " matches."
        )
        return cameras

    def _count_unknown(self, paths: Sequence[str], reason: str) -> None:
        images = set(paths)
        if unknown := len(images - self._names.keys()):
            self.notes.append(
                f"Camera unknown for {unknown:,} of {counted(len(images), 'image')}: {reason}, so"
                " no image is left out for its camera there."
            )

"""Pictures and numbers in a folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from workbench.errors import PlaceError


def write_pictures(
    folder: Path,
    pictures: Mapping[str, Image.Image],
    numbers: Mapping[str, Mapping[str, Any]],
) -> list[Path]:
    """Write every picture as ``<name>.png`` and all numbers as ``<name>.json``; what was written.

    Raises PlaceError where the folder cannot be written.
    """
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, picture in pictures.items():
            written.append(folder / f"{name}.png")
            picture.save(written[-1])
        for name, values in numbers.items():
            written.append(folder / f"{name}.json")
            written[-1].write_text(json.dumps(values, indent=1) + "\n")
    except OSError as error:
        raise PlaceError(
            f"{folder} cannot be written ({error.strerror or error}): choose another folder."
        ) from error
    return written

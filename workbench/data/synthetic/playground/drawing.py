"""A process that draws: ``python -m workbench.data.synthetic.playground.drawing``.

Its first line of input is an ``Order``; every further line, ``start stop``, asks for that range of
the plan's jobs and is answered by one line of JSON: ``{"records": [...]}``, or ``{"error": "..."}``
where a file could not be written. The process ends with its input, so it never outlives who asked.
"""

import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from workbench.data.synthetic.playground.cameras import CAMERAS
from workbench.data.synthetic.playground.order import Order
from workbench.data.synthetic.playground.plan import MASKS, Job, Plan, make_plan
from workbench.data.synthetic.playground.render import render


def draw(plan: Plan, job: Job, height: int, folder: Path) -> dict[str, Any]:
    """Draw one picture, write it and its mask, and return its line of images.jsonl."""
    picture = render(plan, job, height)
    quality = CAMERAS[job.camera - 1].jpeg_quality
    image = folder / job.folder / f"{job.stem}.jpg"
    Image.fromarray(picture.image).save(image, quality=quality)
    mask = folder / MASKS / f"{job.stem}.png"
    Image.fromarray(picture.mask).save(mask, compress_level=1)
    return picture.facts


def main() -> None:
    """Answer requests until the input ends."""
    order = Order.from_line(sys.stdin.readline())
    plan, folder = make_plan(order), Path(order.folder)
    for line in sys.stdin:
        start, stop = map(int, line.split())
        try:
            jobs = plan.jobs[start:stop]
            answer = {"records": [draw(plan, job, order.image_height, folder) for job in jobs]}
        except OSError as error:
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

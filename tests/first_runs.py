"""Copies of the two finished runs of version 0.1."""

import shutil
from pathlib import Path

FIXTURE = Path(__file__).parent / "fixtures" / "first_runs"
CAMERAS, FOLDER = "20261201-054725-global-ae00", "20261201-054749-global-1634"
METRICS = {
    CAMERAS: {
        "raw": {"mAP": 0.48166914104414105, "rank1": 0.5, "mINP": 0.38032488344988347},
        "averaged": {"mAP": 0.5156046499796499, "rank1": 0.5, "mINP": 0.39251373626373626},
    },
    FOLDER: {
        "raw": {"mAP": 0.6152777777777777, "rank1": 0.5, "mINP": 0.5222222222222223},
    },
}
"""What version 0.1 counted."""
COUNTS = {
    CAMERAS: {"queries": 8, "gallery_images": 18, "junk_images": 1, "same_camera_pairs": 8},
    FOLDER: {"queries": 6, "gallery_images": 6, "junk_images": 0, "same_camera_pairs": 0},
}


def copy_first_runs(runs: Path, datasets: Path) -> None:
    """Put the runs and their images into these folders, as if they had been trained there."""
    shutil.copytree(FIXTURE / "runs", runs, dirs_exist_ok=True)
    for name in ("market", "people"):
        shutil.copytree(FIXTURE / name, datasets / name)
    for file in (*runs.rglob("*.json"), *runs.rglob("*.jsonl")):
        text = file.read_text()
        if "@datasets@" in text:
            file.write_text(text.replace("@datasets@", str(datasets)))

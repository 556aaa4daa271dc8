"""Miniatures of data sets of people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.data.synthetic.miniatures.contents import Contents, Draw, lines
from workbench.data.synthetic.miniatures.crowd import hidden, person

TRAINED, TESTED = 16, 8
"""Identities to train on, one of whom appears once, and identities to be ranked."""
_IMAGES = 5
Name = Callable[[int, int, int], str]


@dataclass(frozen=True)
class _Flat:
    """A data set in Market-1501's layout.

    ``name`` makes a file name of identity, camera and shot; test identities begin at ``first`` of
    test, each seen by three of the cameras.
    """

    folders: tuple[str, str, str]
    name: Name
    cameras: tuple[int, ...]
    trained: tuple[int, ...]
    tested: tuple[int, ...]
    others: tuple[int, ...] = ()
    occluded: bool = False


def market1501() -> Contents:
    """Market-1501, with distractors, junk and the hand-drawn boxes of queries."""
    flat = _market()
    pictures = _flat_pictures(flat)
    for shot in range(4):
        pictures[f"bounding_box_test/0000_c{shot + 1}s1_{900 + shot:06d}_00.jpg"] = person(
            1, shot + 1, shot, "distractor"
        )
    for shot in range(3):
        pictures[f"bounding_box_test/-1_c{shot + 2}s1_{950 + shot:06d}_00.jpg"] = person(
            1, shot + 2, shot, "junk"
        )
    for place, identity in enumerate(flat.tested):
        for camera in _cameras(flat, place)[:2]:
            for shot in (7, 8):
                name = flat.name(identity, camera, shot)
                pictures[f"gt_bbox/{name}"] = person(TRAINED + place + 1, camera, shot)
    return Contents("Market-1501-v15.09.15", pictures)


def dukemtmc() -> Contents:
    """DukeMTMC-reID, with people in the gallery who are never asked for."""
    return Contents("DukeMTMC-reID", _flat_pictures(_duke()))


def occluded_duke() -> Contents:
    """Occluded-Duke: every query is hidden in part."""
    return Contents("Occluded_Duke", _flat_pictures(_duke(occluded=True)))


def cuhk03_np() -> Contents:
    """CUHK03-NP, whose labelled boxes show one image more than the detected ones."""

    def name(identity: int, camera: int, shot: int) -> str:
        return f"{identity:04d}_c{camera}_{shot:d}.png"

    flat = _Flat(_MARKET_FOLDERS, name, (1, 2), tuple(range(1, 17)), tuple(range(101, 109)))
    pictures: dict[str, Draw] = {}
    for boxes in ("detected", "labeled"):
        pictures |= {f"{boxes}/{path}": draw for path, draw in _flat_pictures(flat).items()}
    pictures[f"labeled/bounding_box_train/{name(1, 2, 9)}"] = person(1, 2, 9)
    return Contents("cuhk03-np", pictures)


def msmt17_flat() -> Contents:
    """MSMT17 flattened: people of both halves count from 0, and cameras have two digits."""

    def name(identity: int, camera: int, shot: int) -> str:
        return f"{identity:04d}_c{camera}_{shot:04d}.jpg"

    flat = _Flat(
        _MARKET_FOLDERS, name, _MSMT17_CAMERAS, tuple(range(TRAINED)), tuple(range(TESTED))
    )
    return Contents("MSMT17", _flat_pictures(flat))


def msmt17(version: int = 1) -> Contents:
    """MSMT17 as it is handed out, with four lists; version 2 masks faces."""
    train, test = ("train", "test") if version == 1 else ("mask_train_v2", "mask_test_v2")
    pictures: dict[str, Draw] = {}
    texts: dict[str, list[str]] = {name: [] for name in ("train", "val", "query", "gallery")}

    def add(part: str, identity: int, drawn: int, camera: int, shot: int) -> None:
        path = f"{identity:04d}/{identity:04d}_{shot:03d}_{camera:02d}_0303morning_{shot:04d}_0.jpg"
        pictures[f"{train if part in ('train', 'val') else test}/{path}"] = person(
            drawn, camera, shot
        )
        texts[part].append(f"{path} {identity}")

    for identity in range(TRAINED):
        for shot in range(1 if identity == TRAINED - 1 else _IMAGES):
            camera = _MSMT17_CAMERAS[(identity + shot) % len(_MSMT17_CAMERAS)]
            add("val" if shot == _IMAGES - 1 else "train", identity, identity + 1, camera, shot)
    for identity in range(TESTED):
        for shot in range(_IMAGES):
            camera = _MSMT17_CAMERAS[(identity + shot % 3) % len(_MSMT17_CAMERAS)]
            part = "query" if shot < 2 else "gallery"
            add(part, identity, TRAINED + identity + 1, camera, shot)
    return Contents(
        f"MSMT17_V{version}",
        pictures,
        {f"list_{name}.txt": lines(rows) for name, rows in texts.items()},
    )


def p_dukemtmc() -> Contents:
    """P-DukeMTMC-reID: folders of hidden and of whole people."""
    pictures: dict[str, Draw] = {}
    for half, first, count in (("train", 1, TRAINED), ("test", 101, TESTED)):
        drawn = 0 if half == "train" else TRAINED
        for place in range(count):
            once = half == "train" and place == count - 1
            pictures |= _two_folders(half, first + place, drawn + place + 1, once)
    return Contents("P-DukeMTMC-reid", pictures)


def occluded_reid() -> Contents:
    """Occluded-REID beside the Market-1501 that its figures are trained on."""
    pictures: dict[str, Draw] = {}
    for identity in range(1, TESTED + 1):
        for shot in range(1, 4):
            name = f"{identity:03d}/{identity:03d}_{shot:02d}.tif"
            drawn = TRAINED + TESTED + identity
            pictures[f"occluded_body_images/{name}"] = hidden(drawn, shot, shot)
            pictures[f"whole_body_images/{name}"] = person(drawn, shot + 3, shot)
    return Contents("Occluded_REID", pictures).beside(market1501())


def prepared() -> Contents:
    """Market-1501 sorted into a folder for each identity."""
    places = {
        "bounding_box_train": "train_all",
        "query": "query",
        "bounding_box_test": "gallery",
        "gt_bbox": "multi-query",
    }
    pictures: dict[str, Draw] = {}
    seen: set[str] = set()
    for path, draw in sorted(market1501().pictures.items()):
        folder, _, name = path.partition("/")
        identity = name.partition("_")[0]
        pictures[f"{places[folder]}/{identity}/{name}"] = draw
        if folder == "bounding_box_train":
            # Whoever appears once stays among those to train on.
            once = identity in seen or int(identity) == _market().trained[-1]
            pictures[f"{'train' if once else 'val'}/{identity}/{name}"] = draw
            seen.add(identity)
    return Contents("pytorch", pictures)


_MARKET_FOLDERS = ("bounding_box_train", "query", "bounding_box_test")
_MSMT17_CAMERAS = (1, 4, 10, 12, 15)


def _market() -> _Flat:
    def name(identity: int, camera: int, shot: int) -> str:
        return f"{identity:04d}_c{camera}s1_{identity + 25 * shot:06d}_{shot:02d}.jpg"

    trained = tuple(2 + 5 * place for place in range(TRAINED))
    tested = tuple(1 + 10 * place for place in range(TESTED))
    return _Flat(_MARKET_FOLDERS, name, (1, 2, 3, 4, 5, 6), trained, tested)


def _duke(occluded: bool = False) -> _Flat:
    def name(identity: int, camera: int, shot: int) -> str:
        return f"{identity:04d}_c{camera}_f{identity * 100 + shot:07d}.jpg"

    trained = tuple(1 + 3 * place for place in range(TRAINED))
    tested = tuple(5 + 12 * place for place in range(TESTED))
    cameras = (1, 2, 3, 5, 6, 8)
    return _Flat(_MARKET_FOLDERS, name, cameras, trained, tested, (7001, 7002), occluded)


def _cameras(flat: _Flat, place: int) -> list[int]:
    count = min(3, len(flat.cameras))
    return [flat.cameras[(place + step) % len(flat.cameras)] for step in range(count)]


def _flat_pictures(flat: _Flat) -> dict[str, Draw]:
    """Five images of those to train on; a query of two cameras and an image of each of three."""
    train, query, gallery = flat.folders
    pictures: dict[str, Draw] = {}
    for place, identity in enumerate(flat.trained):
        for shot in range(1 if place == TRAINED - 1 else _IMAGES):
            camera = flat.cameras[(place + shot) % len(flat.cameras)]
            pictures[f"{train}/{flat.name(identity, camera, shot)}"] = person(
                place + 1, camera, shot
            )
    queried_as = hidden if flat.occluded else person
    for place, identity in enumerate(flat.tested):
        cameras = _cameras(flat, place)
        drawn = TRAINED + place + 1
        for camera in cameras[:2]:
            pictures[f"{query}/{flat.name(identity, camera, 0)}"] = queried_as(drawn, camera, 0)
        for camera in cameras:
            pictures[f"{gallery}/{flat.name(identity, camera, 1)}"] = person(drawn, camera, 1)
    for place, identity in enumerate(flat.others):
        drawn = TRAINED + TESTED + place + 1
        pictures[f"{gallery}/{flat.name(identity, flat.cameras[0], 1)}"] = person(drawn, 1, 1)
    return pictures


def _two_folders(half: str, identity: int, drawn: int, once: bool) -> dict[str, Draw]:
    shots: Sequence[int] = (1,) if once else (1, 2, 3)
    pictures: dict[str, Draw] = {}
    for shot in shots:
        name = f"{identity:04d}/{identity:04d}_c{shot}_f{identity * 10 + shot:07d}.jpg"
        pictures[f"{half}/whole_body_images/{name}"] = person(drawn, shot, shot)
        if shot < 3 and not once:
            other = name.replace("_f", "_f9")
            pictures[f"{half}/occluded_body_images/{other}"] = hidden(drawn, shot + 3, shot)
    return pictures

"""Miniatures of data sets of vehicles, birds, products, clothes and buildings."""

from functools import partial

from workbench.data.synthetic.miniatures.birds import draw_bird
from workbench.data.synthetic.miniatures.buildings import draw_drone, draw_satellite
from workbench.data.synthetic.miniatures.cars import draw_car
from workbench.data.synthetic.miniatures.contents import Contents, Draw, Row, lines
from workbench.data.synthetic.miniatures.crowd import person
from workbench.data.synthetic.miniatures.goods import draw_goods, kind_of

_VERI_CAMERAS = (1, 4, 7, 12, 20)
_FRONT_OR_REAR = (90.0, 270.0, 70.0, 250.0)
"""Degrees: VehicleID's cameras look along the road."""
_TEST_LISTS = {800: 6, 1600: 8, 2400: 10}
"""Vehicles in the test list of each name."""


def veri776() -> Contents:
    """VeRi-776: 16 vehicles to train on, 6 to be ranked; cameras of three digits."""
    pictures: dict[str, Draw] = {}

    def add(folder: str, vehicle: int, camera: int, shot: int) -> None:
        name = f"{vehicle:04d}_c{camera:03d}_{vehicle * 1000 + shot:08d}_0.jpg"
        pictures[f"{folder}/{name}"] = partial(draw_car, vehicle, camera, shot)

    for vehicle in range(1, 17):
        for shot in range(1 if vehicle == 16 else 5):
            add("image_train", vehicle, _VERI_CAMERAS[(vehicle + shot) % 5], shot)
    for vehicle in range(601, 607):
        for step in range(3):
            camera = _VERI_CAMERAS[(vehicle + step) % 5]
            add("image_test", vehicle, camera, 1)
            if step < 2:
                add("image_query", vehicle, camera, 0)
    texts = {
        f"name_{part}.txt": lines(sorted(_names_in(pictures, f"image_{part}")))
        for part in ("train", "query", "test")
    }
    return Contents("VeRi", pictures, texts)


def vehicleid() -> Contents:
    """VehicleID: 64 vehicles to train on, test lists of 6, 8 and 10, the last seen once."""
    pictures: dict[str, Draw] = {}
    rows: dict[int, list[str]] = {}
    number = 0
    for vehicle in (*range(64), *range(900, 910)):
        shots = 1 if vehicle == 909 else 3 if vehicle < 64 else 4
        for shot in range(shots):
            number += 1
            pictures[f"image/{number:07d}.jpg"] = partial(
                draw_car, vehicle + 1, 30 + shot, shot, _FRONT_OR_REAR
            )
            rows.setdefault(vehicle, []).append(f"{number:07d} {vehicle}")
    texts = {"train_list.txt": [row for vehicle in range(64) for row in rows[vehicle]]}
    for size, count in _TEST_LISTS.items():
        vehicles = range(910 - count, 910) if size == 2400 else range(900, 900 + count)
        texts[f"test_list_{size}.txt"] = [row for vehicle in vehicles for row in rows[vehicle]]
    return Contents(
        "VehicleID_V1.0",
        pictures,
        {f"train_test_split/{name}": lines(table) for name, table in texts.items()},
    )


def cars196() -> Contents:
    """CARS196 in one folder: 8 classes to train on, 7 to be ranked, the last seen once."""
    pictures: dict[str, Draw] = {}
    rows: list[Row] = []
    for number, (label, shot) in enumerate(_class_shots(), start=1):
        path = f"car_ims/{number:06d}.jpg"
        pictures[path] = partial(draw_car, label, 50 + shot, shot)
        rows.append({"relative_im_path": path, **_box(label), "test": shot % 2})
    return Contents("CARS", pictures, tables={"cars_annos.mat": tuple(rows)})


def cars196_parts() -> Contents:
    """CARS196 in its other download: two folders, each with a file of its own."""
    pictures: dict[str, Draw] = {}
    rows: dict[str, list[Row]] = {"cars_train": [], "cars_test": []}
    for label, shot in _class_shots():
        folder = "cars_test" if shot % 2 else "cars_train"
        name = f"{len(rows[folder]) + 1:05d}.jpg"
        pictures[f"{folder}/{name}"] = partial(draw_car, label, 50 + shot, shot)
        rows[folder].append({**_box(label), "fname": name})
    tables = {
        "devkit/cars_train_annos.mat": tuple(rows["cars_train"]),
        "cars_test_annos_withlabels.mat": tuple(rows["cars_test"]),
    }
    return Contents("stanford_cars", pictures, tables=tables)


def cub200() -> Contents:
    """CUB-200-2011: 8 classes to train on, 7 to be ranked, the last seen once."""
    pictures: dict[str, Draw] = {}
    images, labels, halves, boxes, classes = [], [], [], [], {}
    shots = [(label, shot) for label in (*range(1, 9), *range(101, 107)) for shot in range(6)]
    for number, (label, shot) in enumerate([*shots, (200, 0)], start=1):
        classes[label] = f"{label:03d}.Drawn_Bird"
        path = f"{classes[label]}/Drawn_Bird_{shot + 1:04d}_{number}.jpg"
        pictures[f"images/{path}"] = partial(draw_bird, label, shot)
        images.append(f"{number} {path}")
        labels.append(f"{number} {label}")
        halves.append(f"{number} {shot % 2}")
        boxes.append(f"{number} 10.0 10.0 90.0 90.0")
    texts = {
        "images.txt": lines(images),
        "image_class_labels.txt": lines(labels),
        "train_test_split.txt": lines(halves),
        "bounding_boxes.txt": lines(boxes),
        "classes.txt": lines([f"{label} {name}" for label, name in classes.items()]),
    }
    return Contents("CUB_200_2011", pictures, texts)


def sop() -> Contents:
    """Stanford Online Products: 32 products to train on, 11 to be ranked, the last seen once."""
    pictures: dict[str, Draw] = {}
    tables: dict[str, list[str]] = {"Ebay_train.txt": [], "Ebay_test.txt": []}
    number = 0
    for product in (*range(1, 33), *range(11_319, 11_330)):
        file = "Ebay_train.txt" if product < 33 else "Ebay_test.txt"
        kind = kind_of(product)
        for shot in range(1 if product == 11_329 else 4):
            number += 1
            path = f"{kind}_final/{111_000_000 + product}_{shot}.JPG"
            pictures[path] = partial(draw_goods, product, shot)
            tables[file].append(f"{number} {product} {product % 12 + 1} {path}")
    header = "image_id class_id super_class_id path"
    texts = {name: lines([header, *rows]) for name, rows in tables.items()}
    return Contents("Stanford_Online_Products", pictures, texts)


def in_shop() -> Contents:
    """In-shop Clothes Retrieval: 32 outfits to train on, the last seen once, 8 to be ranked."""
    pictures: dict[str, Draw] = {}
    rows: list[str] = []

    def add(item: int, camera: int, shot: int, use: str) -> None:
        kind = ("WOMEN/Dresses", "MEN/Jackets_Vests", "WOMEN/Tees_Tanks")[item % 3]
        side = ("front", "side", "back", "full", "additional")[shot % 5]
        path = f"img/{kind}/id_{item:08d}/{camera:02d}_{shot + 1}_{side}.jpg"
        pictures[path] = person(item, camera, shot)
        rows.append(f"{path}  id_{item:08d}  {use}")

    for item in range(1, 33):
        for shot in range(1 if item == 32 else 4):
            add(item, 2, shot, "train")
    for item in range(33, 41):
        for shot in range(4):
            add(item, 2, shot, "query" if shot < 2 else "gallery")
    table = lines([str(len(rows)), "image_name item_id evaluation_status", *rows])
    return Contents("In-shop", pictures, {"list_eval_partition.txt": table})


def university1652() -> Contents:
    """University-1652: 8 buildings to train on, 6 asked for, 2 more in the galleries."""
    pictures: dict[str, Draw] = {}
    for site in range(839, 847):
        pictures[f"train/satellite/{site:04d}/{site:04d}.jpg"] = partial(draw_satellite, site)
        for shot in range(6):
            path = f"train/drone/{site:04d}/image-{shot + 1:02d}.jpeg"
            pictures[path] = partial(draw_drone, site, shot, 6)
    for site in range(1, 9):
        for use in ("query", "gallery") if site < 7 else ("gallery",):
            path = f"test/{use}_satellite/{site:04d}/{site:04d}.jpg"
            pictures[path] = partial(draw_satellite, site)
            for shot in range(4):
                path = f"test/{use}_drone/{site:04d}/image-{shot + 1:02d}.jpeg"
                pictures[path] = partial(draw_drone, site, shot, 4)
    return Contents("University-Release", pictures)


def _class_shots() -> list[tuple[int, int]]:
    """Class and shot of each car, on both sides of class 98; class 196 appears once."""
    classes = (*range(1, 7), 97, 98, *range(99, 105))
    return [*((label, shot) for label in classes for shot in range(6)), (196, 0)]


def _box(label: int) -> dict[str, int]:
    edges = {"bbox_x1": 8, "bbox_y1": 12, "bbox_x2": 120, "bbox_y2": 84}
    return {**edges, "class": label}


def _names_in(pictures: dict[str, Draw], folder: str) -> list[str]:
    return [path.partition("/")[2] for path in pictures if path.startswith(f"{folder}/")]

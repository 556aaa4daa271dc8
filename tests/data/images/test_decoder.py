"""Where images are decoded: which formats, how many pixels at a time."""

import threading

import numpy as np
import pytest
from PIL import Image

from workbench.data.images import decoder, image_file
from workbench.data.images.decoder import FORMATS, Budget, Limits
from workbench.data.images.image_file import open_image, opened
from workbench.errors import BrokenImage
from workbench.explain.true_masks import true_parts

POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n"


@pytest.fixture
def no_programs(monkeypatch):
    """Any program that is started is an error."""

    def refuse(*command, **_):
        raise AssertionError(f"a decoder started {command}")

    monkeypatch.setattr("subprocess.Popen", refuse)
    monkeypatch.setattr("os.system", refuse)


def test_postscript_under_the_name_of_a_picture_starts_no_program(tmp_path, no_programs):
    for name in ("a.jpg", "a.png", "a.tif"):
        (tmp_path / name).write_bytes(POSTSCRIPT)
        with pytest.raises(BrokenImage, match=r"cannot be read .*no known image format"):
            open_image(tmp_path / name)
    masks = tmp_path / "masks"
    masks.mkdir()
    (masks / "a.png").write_bytes(POSTSCRIPT)
    with pytest.raises(BrokenImage, match="cannot be read as a mask"):
        true_parts(tmp_path, "a.jpg")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_listed_format_is_read_by_content_whatever_its_name(tmp_path, kind):
    path = tmp_path / "picture.jpg"
    Image.new("RGB", (6, 4), (200, 10, 10)).save(path, kind)
    assert np.abs(open_image(path)[0, 0].astype(int) - (200, 10, 10)).max() <= 6


@pytest.mark.parametrize("kind", ["PCX", "TGA", "PPM", "ICO", "SGI"])
def test_other_formats_are_refused(tmp_path, kind):
    path = tmp_path / "picture.jpg"
    Image.new("RGB", (16, 16)).save(path, kind)
    with pytest.raises(BrokenImage, match="no known image format"):
        open_image(path)


def test_every_image_file_is_opened_with_a_list_of_formats():
    import ast

    from workbench.paths import PACKAGE

    calls = [
        (file.name, node)
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Image.open")
    ]
    assert [name for name, _ in calls] == ["decoder.py"]
    assert all("formats" in [one.arg for one in call.keywords] for _, call in calls)


def test_no_more_pixels_are_held_at_a_time_than_the_budget_has():
    budget, held, most, guard = Budget(10), [0], [0], threading.Lock()
    pause = threading.Event()

    def work(pixels):
        with budget.take(pixels):
            with guard:
                held[0] += pixels
                most[0] = max(most[0], held[0])
            pause.wait(0.002)
            with guard:
                held[0] -= pixels

    threads = [threading.Thread(target=work, args=(1 + n % 6,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 6 <= most[0] <= 10
    with budget.take(1_000):  # larger than the budget: alone
        pass


def test_a_thumbnail_takes_the_pixels_of_a_jpeg_at_a_fraction_of_its_size(tmp_path, monkeypatch):
    taken = []

    class Watched(Budget):
        def take(self, pixels):
            taken.append(pixels)
            return super().take(pixels)

    monkeypatch.setattr(decoder, "budget", Watched(10**9))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.effect_noise((1600, 800), 40).convert("RGB")
    for name, more in {"a.jpg": {}, "turned.jpg": {"exif": exif}, "a.png": {}}.items():
        picture.save(tmp_path / name, **more)
    picture.save(tmp_path / "progressive.jpg", progressive=True)
    sizes = {}
    for name in ("a.jpg", "turned.jpg", "a.png", "progressive.jpg"):
        with opened(tmp_path / name, limits=Limits(height=100)) as image:
            sizes[name] = image.size
    assert sizes == {
        "a.jpg": (400, 200),
        "turned.jpg": (100, 200),
        "a.png": (1600, 800),
        "progressive.jpg": (1600, 800),
    }
    assert taken == [400 * 200, 200 * 100, 1600 * 800, 1600 * 800]
    taken.clear()
    assert open_image(tmp_path / "a.jpg").shape == (800, 1600, 3)
    assert taken == [1600 * 800]


def test_room_is_given_back_after_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(decoder, "budget", Budget(100))
    path = tmp_path / "cut.png"
    Image.effect_noise((10, 10), 40).save(path)
    path.write_bytes(path.read_bytes()[:90])
    for _ in range(3):
        with pytest.raises(BrokenImage):
            image_file.open_image(path)
    with decoder.budget.take(100):
        pass

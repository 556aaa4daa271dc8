"""Images as evaluation sees them: resized larger where asked, then cut from the centre."""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from workbench.data.images.image_file import open_resized, resized
from workbench.data.images.tensors import ImageSource, evaluated, open_evaluated
from workbench.data.samples import Sample
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.transforms import Transforms

PIXELS = np.random.default_rng(0).integers(0, 256, (50, 40, 3), dtype=np.uint8)


def test_a_margin_is_cut_from_all_sides_in_evaluation_and_kept_for_training(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "a.png")
    data = Data(height=20, width=16, transforms=Transforms(margin=5))
    larger = open_resized(tmp_path / "a.png", 25, 21, "bilinear")
    sample = [Sample("a.png", 1)]
    seen = ImageSource.of(sample, tmp_path, data)
    assert (seen.read(0) == larger[2:22, 2:18]).all()
    assert seen.decoded_bytes == 20 * 16 * 3
    assert (open_evaluated(tmp_path / "a.png", data) == larger[2:22, 2:18]).all()
    assert (evaluated(Image.fromarray(PIXELS), data) == larger[2:22, 2:18]).all()
    assert (ImageSource.for_training(sample, tmp_path, data).read(0) == larger).all()


def test_plain_bilinear_reads_four_pixels_even_where_it_shrinks():
    planes = torch.from_numpy(PIXELS).permute(2, 0, 1)[None].double()
    for size in ((20, 16), (75, 60), (25, 90)):
        found = resized(Image.fromarray(PIXELS), *size, "bilinear_plain")
        plain = F.interpolate(planes, size, mode="bilinear", align_corners=False)[0]
        difference = np.abs(found.astype(float) - plain.permute(1, 2, 0).numpy())
        assert difference.max() < 1.001  # fractions are cut off
    same = resized(Image.fromarray(PIXELS), 50, 40, "bilinear_plain")
    assert (same == PIXELS).all()
    smooth = resized(Image.fromarray(PIXELS), 20, 16, "bilinear").astype(float)
    assert np.abs(smooth - resized(Image.fromarray(PIXELS), 20, 16, "bilinear_plain")).mean() > 5

"""Miniatures without pictures, for protocols to be counted on their real labels."""

from tests.data.conftest import make_images, written

__all__ = ["make_images", "written"]

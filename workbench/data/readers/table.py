"""Every layout by the kind of data set it belongs to."""

from collections.abc import Mapping

from workbench.data.readers import classes, flat, msmt17, nested, products, vehicleid
from workbench.data.readers.layout import Layout
from workbench.recipe.settings.datasets import Kind

LAYOUTS: Mapping[Kind, Layout] = {
    "market1501": flat.layout_of(flat.MARKET1501),
    "dukemtmc": flat.layout_of(flat.DUKEMTMC),
    "occluded_duke": flat.layout_of(flat.OCCLUDED_DUKE),
    "veri776": flat.layout_of(flat.VERI776),
    "cuhk03_np": Layout(
        flat.read_cuhk03,
        flat.holds_cuhk03,
        flat.CUHK03_NP.counting,
        told_by="name",
        example=flat.CUHK03_NP.example,
        understands=lambda name: flat.CUHK03_NP.parse(name) is not None,
    ),
    "msmt17": Layout(msmt17.read, msmt17.holds),
    "p_dukemtmc": nested.layout_of(nested.P_DUKEMTMC),
    "university1652": nested.layout_of(nested.UNIVERSITY1652),
    "prepared": Layout(nested.read_prepared, nested.holds_prepared),
    "vehicleid": Layout(vehicleid.read, vehicleid.holds),
    "cars196": Layout(classes.read_cars, classes.holds_cars),
    "cub200": Layout(classes.read_birds, classes.holds_birds),
    "sop": Layout(products.read_online_products, products.holds_online_products),
    "in_shop": Layout(products.read_in_shop, products.holds_in_shop),
}
"""Of all but the playground, a folder of one's own, and Occluded-REID, which lies in two places."""

"""Small drawn data sets, each in exactly the layout of a published one. No torch."""

FOLDER = "miniatures"
"""Where they lie under the data sets folder."""
NAMES = (
    "market1501",
    "dukemtmc",
    "msmt17",
    "msmt17_v2",
    "msmt17_flat",
    "cuhk03_np",
    "occluded_duke",
    "occluded_reid",
    "p_dukemtmc",
    "veri776",
    "vehicleid",
    "cars196",
    "cars196_parts",
    "cub200",
    "sop",
    "in_shop",
    "university1652",
    "prepared",
)
"""What can be drawn: the kinds of data sets, and further layouts of some."""

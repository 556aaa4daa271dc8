"""The ways to make a heatmap, by name. No torch: faces list them at once."""

from typing import Literal, get_args

CamMethod = Literal["gradcam", "gradcam++", "hirescam", "layercam", "eigencam", "activation_sum"]
Method = Literal[
    "evidence", "gradcam", "gradcam++", "hirescam", "layercam", "eigencam", "activation_sum"
]
METHODS: tuple[Method, ...] = get_args(Method)

TITLES: dict[Method, str] = {
    "evidence": "Part evidence",
    "gradcam": "Grad-CAM",
    "gradcam++": "Grad-CAM++",
    "hirescam": "HiResCAM",
    "layercam": "LayerCAM",
    "eigencam": "EigenCAM",
    "activation_sum": "Activation sum",
}
"""What people call each."""

ABOUT: dict[Method, str] = {
    "evidence": "What each cell adds to the similarity; the maps of all parts add up to it.",
    "gradcam": "Channels weighted by their mean gradient (Selvaraju et al. 2017).",
    "gradcam++": "Grad-CAM with weights by higher derivatives (Chattopadhay et al. 2018).",
    "hirescam": "Value times gradient in each cell (Draelos and Carin 2020).",
    "layercam": "Value times rising gradient in each cell (Jiang et al. 2021).",
    "eigencam": "First principal component of the map; does not look at the pair (2020).",
    "activation_sum": (
        "Sum of the channels that the last stage reads; looks at no part and no pair"
        " (Zheng et al. 2018)."
    ),
}
"""What each shows, in a sentence for a reader."""

"""Colours of cloth, skin and hair, and how often they are worn."""

Colour = tuple[int, int, int]

CLOTH: dict[str, Colour] = {
    "black": (34, 34, 38),
    "charcoal": (72, 74, 80),
    "grey": (140, 142, 146),
    "white": (232, 232, 228),
    "navy": (36, 48, 92),
    "blue": (52, 104, 190),
    "sky": (128, 182, 222),
    "teal": (30, 128, 128),
    "green": (60, 130, 72),
    "olive": (104, 106, 58),
    "khaki": (178, 158, 116),
    "brown": (108, 72, 48),
    "red": (190, 44, 46),
    "maroon": (110, 30, 48),
    "orange": (226, 122, 44),
    "yellow": (232, 196, 64),
    "pink": (226, 140, 166),
    "purple": (112, 72, 150),
}
SKIN: tuple[Colour, ...] = (
    (244, 210, 184),
    (230, 188, 156),
    (206, 158, 122),
    (172, 122, 88),
    (128, 86, 60),
    (90, 60, 44),
)
HAIR: dict[str, Colour] = {
    "black": (30, 26, 26),
    "dark brown": (58, 40, 30),
    "brown": (96, 64, 40),
    "light brown": (150, 104, 56),
    "blond": (204, 164, 98),
    "red": (150, 70, 38),
    "grey": (168, 168, 170),
}


def _weights(*shares: int | float) -> dict[str, int | float]:
    return dict(zip(CLOTH, shares, strict=True))


# Dark and neutral cloth is the rule in streets; accents (hats, bags, shoes) may be brighter.
TOPS = _weights(4, 2, 2.2, 3, 2.2, 2, 1.3, 1, 1.2, 1, 1, 1, 1.8, 1, 1, 1.1, 1.1, 1)
BOTTOMS = _weights(4, 2.5, 1.5, 0.9, 3, 2, 0.5, 0.4, 0.4, 0.8, 1.6, 1, 0.5, 0.5, 0.2, 0.2, 0.4, 0.3)
ACCENTS = _weights(3, 1, 1.4, 2.4, 1, 1.4, 1, 1, 1, 0.6, 1, 1.4, 2, 0.8, 1.2, 1.2, 1, 0.8)

DISTINCT = 130
"""Two colours farther apart than this (see ``difference``) are told apart under every camera."""


def difference(first: Colour, second: Colour) -> int:
    """Sum over the channels of the absolute difference, 0 to 765."""
    return sum(abs(a - b) for a, b in zip(first, second, strict=True))


def shade(colour: Colour, factor: float) -> Colour:
    """The colour made darker (factor below 1) or lighter, kept within 0 to 255."""
    red, green, blue = colour
    return (
        min(255, int(red * factor)),
        min(255, int(green * factor)),
        min(255, int(blue * factor)),
    )


def mix(first: Colour, second: Colour) -> Colour:
    """The colour half-way between two."""
    return tuple((a + b) // 2 for a, b in zip(first, second, strict=True))  # pyright: ignore[reportReturnType]


def opposite(colour: Colour) -> Colour:
    """Off-white beside a dark colour, charcoal beside a light one."""
    return CLOTH["white"] if sum(colour) < 420 else CLOTH["charcoal"]

"""Small charts as SVG, drawn without any script: curves over steps, points of a map."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np

INKS = ("#0a7a74", "#c8660a", "#3a68b5", "#a13d84", "#6f7a14", "#6a5a9e")
"""The colours of the panels' series."""
MUTED = "#586966"
GROUND = "#ffffff"
WIDTH, HEIGHT = 340, 190
LEFT, TOP, BOTTOM = 44, 24, 18
POINTS = 200
"""The most points of a curve: more cannot be told apart at this width."""

Number = int | float
Series = tuple[str, Sequence[Number], Sequence[Number]]
Bounds = tuple[Number, Number]


def curves_svg(title: str, series: Sequence[Series]) -> str:
    """Curves, each as name, steps and values, with their last values as the legend."""
    drawn = [(name, *_thinned(steps, values)) for name, steps, values in series]
    across = _bounds([step for _, steps, _ in drawn for step in steps])
    up = _bounds([value for _, _, values in drawn for value in values])
    parts = [_text(LEFT, 14, title, bold=True), *_axes(across, up)]
    for place, (name, steps, values) in enumerate(drawn):
        ink = INKS[place % len(INKS)]
        parts.append(_line(_scaled(steps, across, LEFT, WIDTH - 8), _scaled_up(values, up), ink))
        if len(values):
            words = f"{name} {values[-1]:.4g}"
            parts.append(_text(LEFT + 4, HEIGHT + 14 * (place + 1), words, ink=ink))
    return _image(WIDTH, HEIGHT + 14 * len(drawn) + 6, parts)


def points_svg(title: str, across: np.ndarray, up: np.ndarray, groups: Sequence[int]) -> str:
    """Points of a plane, coloured by their group."""
    x = _scaled(across.tolist(), _bounds(across.tolist()), 8, WIDTH - 8)
    y = _scaled(up.tolist(), _bounds(up.tolist()), WIDTH - 8, TOP + 4)
    dots = [
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.2" fill="{INKS[group % len(INKS)]}"/>'
        for a, b, group in zip(x, y, groups, strict=True)
    ]
    return _image(WIDTH, WIDTH, [_text(8, 14, title, bold=True), *dots])


def _thinned(
    steps: Sequence[Number], values: Sequence[Number]
) -> tuple[Sequence[Number], Sequence[Number]]:
    """Every so-manyth point, and always the last."""
    stride = max(1, -(-len(steps) // POINTS))
    last = range(max(0, len(steps) - 1), len(steps))
    kept: list[int] = sorted({*range(0, len(steps), stride), *last})
    return [steps[place] for place in kept], [values[place] for place in kept]


def _bounds(values: Sequence[Number]) -> Bounds:
    finite = [value for value in values if np.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _scaled(values: Sequence[Number], bounds: Bounds, start: Number, end: Number) -> list[float]:
    low, high = bounds
    return [start + (end - start) * (value - low) / (high - low) for value in values]


def _scaled_up(values: Sequence[Number], bounds: Bounds) -> list[float]:
    return _scaled(values, bounds, HEIGHT - BOTTOM, TOP + 6)


def _line(x: Sequence[Number], y: Sequence[Number], ink: str) -> str:
    points = [(a, b) for a, b in zip(x, y, strict=True) if np.isfinite(b)]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    if len(points) > 1:
        return f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="1.6"/>'
    return "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{ink}"/>' for a, b in points)


def _axes(across: Bounds, up: Bounds) -> list[str]:
    corners = [(LEFT, TOP + 6), (LEFT, HEIGHT - BOTTOM), (WIDTH - 8, HEIGHT - BOTTOM)]
    lines = [
        f'<line x1="{a}" y1="{b}" x2="{c}" y2="{d}" stroke="#b4c0bd"/>'
        for (a, b), (c, d) in pairwise(corners)
    ]
    return [
        *lines,
        _text(LEFT - 4, TOP + 12, f"{up[1]:.3g}", end=True),
        _text(LEFT - 4, HEIGHT - BOTTOM, f"{up[0]:.3g}", end=True),
        _text(LEFT, HEIGHT - 5, f"step {across[0]:.0f}"),
        _text(WIDTH - 8, HEIGHT - 5, f"{across[1]:.0f}", end=True),
    ]


def _text(
    x: Number, y: Number, words: str, *, ink: str = MUTED, bold: bool = False, end: bool = False
) -> str:
    settings = f'font-size="11" fill="{ink}"'
    settings += ' font-weight="bold"' if bold else ""
    settings += ' text-anchor="end"' if end else ""
    return f'<text x="{x}" y="{y}" {settings}>{escape(words)}</text>'


def _image(width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" font-family="system-ui, sans-serif">'
        f'<rect width="{width}" height="{height}" rx="8" fill="{GROUND}"/>{"".join(parts)}</svg>'
    )

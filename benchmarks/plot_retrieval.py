"""Draw `docs/retrieval.svg` and write the tables of `docs/retrieval.md`.

    .venv/bin/python benchmarks/plot_retrieval.py

From `benchmarks/retrieval.json` alone, which `benchmarks/retrieval.py` writes.
"""

import json
from html import escape
from math import ceil, log10
from pathlib import Path

from workbench.bench.retrieval_tables import index_name, needs

HERE = Path(__file__).parent
RECORD = HERE / "retrieval.json"
PAGE = HERE.parent / "docs" / "retrieval.md"
PICTURE = PAGE.with_suffix(".svg")
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"

WIDTH, LEFT, RIGHT, LINE, GAP, TOP = 860, 250, 70, 24, 26, 54
OURS, PEER, PRODUCT, INK, FAINT = "#0b5cad", "#8a6d3b", "#5f6b76", "#1b1f24", "#d8dde2"


def main() -> None:
    cases = [json.loads(line) for line in RECORD.read_text().splitlines()]
    contests = [case for case in cases if "contestants" in case]
    PICTURE.write_text(picture([c for c in contests if "product" in c["contestants"]]))
    text = PAGE.read_text()
    head, rest = text.split(BEGIN)
    tables = [provenance_line(cases[0]), *(contest_table(case) for case in contests)]
    tables += [index_table(case) for case in cases if "indexes" in case]
    PAGE.write_text("\n".join([head + BEGIN, "", *tables, END + rest.split(END)[1]]))


def provenance_line(case: dict) -> str:
    machine = case["machine"]
    used = "is used" if case["bfloat16_used"] else "is not used: pairs are sorted in float32"
    missing = ", ".join(case["not_installed"])
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gigabytes']} GB,"
        f" {machine['accelerator'] or 'no accelerator'}, {machine['system']};"
        f" {case['threads']} threads. torch's bfloat16 product has {case['bfloat16_speed']:.2f} x"
        f" the speed of the float32 one here and {used}."
        + (f" Not installed, so not measured: {missing}." if missing else "")
        + "\n"
    )


def contest_table(case: dict) -> str:
    about = [
        f"**{case['about']}** ({case['queries']:,} x {case['images']:,}, width {case['dim']:,})",
        "",
        "| | wall s | CPU s | x product | MB beyond the vectors | largest difference |",
        "|---|---|---|---|---|---|",
    ]
    has_product = "product" in case["contestants"]
    for name, contestant in case["contestants"].items():
        ratio = f"{contestant['ratio']:.2f}" if has_product else "-"
        difference = max(contestant["differences"].values(), default=None)
        shown = (
            "-" if name in ("product", "workbench") or difference is None else f"{difference:.1e}"
        )
        about.append(
            f"| {name} | {contestant['wall_seconds']:.3f} | {contestant['cpu_seconds']:.3f}"
            f" | {ratio} | {contestant['megabytes']:.0f} | {shown} |"
        )
    large = case.get("left_out")
    difference = f" Left out for want of memory: {needs(large)}." if large else ""
    return "\n".join([*about, "", verdict(case) + difference, ""])


def verdict(case: dict) -> str:
    ours, aims = case["contestants"]["workbench"], []
    for name, unit in (("ratio", " x the product"), ("megabytes", " MB")):
        aim = case["aims"][name]
        if aim is not None:
            verdict_text = "reached" if ours[name] <= aim else "**missed**"
            aims.append(f"at most {aim:g}{unit}: {ours[name]:.2f}, {verdict_text}")
    share, faiss = case["aims"]["of_faiss"], case["contestants"].get("faiss")
    if share and faiss:
        part = ours["wall_seconds"] / faiss["wall_seconds"]
        verdict_text = "reached" if part <= share else "**missed**"
        aims.append(f"at most {share:.2g} x the time of faiss: {part:.3g}, {verdict_text}")
    metrics = ", ".join(f"{name} {value:.4f}" for name, value in ours["figures"].items())
    return (f"Aim: {'; '.join(aims)}. " if aims else "") + f"Figures: {metrics}."


def index_table(case: dict) -> str:
    rows = [
        f"**{case['about']}** (width {case['dim']}), {case['threads']} threads",
        "",
        "| | vectors | build s | MB while building | MB on disk | recall@10 | ms a query |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in case["indexes"]:
        rows.append(
            f"| {index_name(row)} | {row['images']:,} | {row['build_seconds']:.0f}"
            f" | {row['megabytes']:.0f} | {row['megabytes_on_disk']:.0f}"
            f" | {row['recall_at_10']:.3f} | {row['milliseconds']:.2f} |"
        )
    return "\n".join([*rows, ""])


def picture(cases: list[dict]) -> str:
    most = max(contestant["ratio"] for case in cases for contestant in case["contestants"].values())
    decades = max(1, ceil(log10(most)))
    rows = sum(len(case["contestants"]) for case in cases)
    height = TOP + len(cases) * (LINE + GAP) + rows * LINE + 10

    def x(ratio: float) -> float:
        share = (log10(max(ratio, 0.1)) + 1) / (decades + 1)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="13"'
        ' aria-label="Wall time of exact evaluation, in bare matrix products">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        text(16, 24, "Wall time in bare float32 matrix products (log scale)", "bold"),
    ]
    for decade in range(-1, decades + 1):
        at = x(10.0**decade)
        drawn.append(f'<path d="M{at:.1f} {TOP - 14}V{height - 8}" stroke="{FAINT}"/>')
        drawn.append(text(at - 8, TOP - 18, f"{10.0**decade:g}"))
    y = TOP
    for case in cases:
        y += GAP
        drawn.append(text(16, y, case["about"], "bold"))
        for name, contestant in case["contestants"].items():
            y += LINE
            aim = case["aims"]["ratio"] if name == "workbench" else None
            # The figure stands behind a tick that would cross it.
            drawn += bar(name, contestant["ratio"], y, x, max(contestant["ratio"], aim or 0))
            if aim:
                drawn.append(
                    f'<path d="M{x(aim):.1f} {y - 15}V{y + 4}" stroke="{INK}" stroke-width="2">'
                    f"<title>aim {aim:g}</title></path>"
                )
        y += LINE
    return "\n".join([*drawn, "</svg>", ""])


def bar(name: str, ratio: float, y: int, x: object, behind: float) -> list[str]:
    colour = {"workbench": OURS, "product": PRODUCT}.get(name, PEER)
    begin, end = x(0.1), x(ratio)
    return [
        text(32, y, name),
        f'<rect x="{begin:.1f}" y="{y - 12}" width="{max(end - begin, 1):.1f}" height="13"'
        f' fill="{colour}"/>',
        text(x(behind) + 8, y, f"{ratio:.2f}"),
    ]


def text(x: float, y: float, label: str, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}" font-weight="{weight}">{escape(label)}</text>'
    )


if __name__ == "__main__":
    main()

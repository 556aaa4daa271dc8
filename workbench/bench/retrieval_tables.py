"""A measured case as lines for people."""

from typing import Any

from workbench.bench.retrieval_contests import DEFINITIONS
from workbench.data.wording import counted


def lines(result: dict[str, Any]) -> list[str]:
    """A table of everyone, what was aimed at, and where definitions differ."""
    about = result["machine"]
    head = [
        f"{result['about']}: {result['queries']} x {result['images']}, width {result['dim']},"
        f" {result['threads']} threads of {about['processor']} ({about['cores']} cores)",
        _case_of_bfloat16(result),
    ]
    if "indexes" in result:
        return head + _indexes(result["indexes"])
    everyone = result["contestants"]
    return head + _table(everyone) + _aims(result) + _differences(everyone) + _missing(result)


def _case_of_bfloat16(result: dict[str, Any]) -> str:
    speed = result["bfloat16_speed"]
    fast = f"torch's bfloat16 product has {speed:.2f} x the speed of the float32 one here: "
    if result["bfloat16_used"]:
        return fast + "it sorts the pairs, and aims are those for a fast one"
    slow = "less than 2 x, so float32 is used, and aims are those for float32"
    return fast + slow + ("" if result["compiled"] else "; counting in NumPy, not compiled")


def _table(everyone: dict[str, dict[str, Any]]) -> list[str]:
    rows = ["", f"{'':30} {'wall s':>8} {'CPU s':>8} {'ratio':>7} {'MB':>7}"]
    rows += [
        f"{name:30} {one['wall_seconds']:8.3f} {one['cpu_seconds']:8.3f} {one['ratio']:7.2f}"
        f" {one['megabytes']:7.0f}"
        for name, one in everyone.items()
    ]
    figures = everyone["workbench"]["figures"]
    return [*rows, "  ".join(f"{name} {value:.4f}" for name, value in figures.items())]


def _aims(result: dict[str, Any]) -> list[str]:
    ours = result["contestants"]["workbench"]
    found = []
    for name, unit in (("ratio", "x the product"), ("megabytes", "MB")):
        aim = result["aims"][name]
        if aim is not None:
            verdict = "met" if ours[name] <= aim else "missed"
            found.append(f"aim: at most {aim:g} {unit}; {ours[name]:.2f}, {verdict}")
    share, faiss = result["aims"]["of_faiss"], result["contestants"].get("faiss")
    if share is not None and faiss is not None:
        reached = ours["wall_seconds"] / faiss["wall_seconds"]
        verdict = "met" if reached <= share else "missed"
        found.append(f"aim: at most {share:.2f} x the time of faiss; {reached:.2f}, {verdict}")
    return found


def _differences(everyone: dict[str, dict[str, Any]]) -> list[str]:
    found = []
    for name, one in everyone.items():
        if name in DEFINITIONS:
            apart = ", ".join(f"{key} {value:.1e}" for key, value in one["differences"].items())
            found.append(f"{name} differs by {apart} ({DEFINITIONS[name]})")
    return found


def _missing(result: dict[str, Any]) -> list[str]:
    names, large = result["not_installed"], result["left_out"]
    found = [f"not installed, so not measured: {', '.join(names)}"] if names else []
    if large:
        found.append(f"left out for want of memory: {needs(large)}")
    return found


def needs(large: dict[str, float]) -> str:
    """Peers and how much memory they would take."""
    return ", ".join(f"{name} (about {size:.0f} GB)" for name, size in large.items())


def index_name(row: dict[str, Any]) -> str:
    """A kind of index with its effort, in words."""
    if row["probes"] is None:
        return row["kind"]
    return f"{row['kind']}, {counted(row['probes'], 'probe')}"


def _indexes(indexes: list[dict[str, Any]]) -> list[str]:
    columns = ("vectors", "build s", "MB", "MB on disk", "recall@10", "ms")
    rows = ["", f"{'':16}" + "".join(f"{column:>12}" for column in columns)]
    for one in indexes:
        values = (
            f"{one['images']:,}", f"{one['build_seconds']:.1f}", f"{one['megabytes']:.0f}",
            f"{one['megabytes_on_disk']:.0f}", f"{one['recall_at_10']:.3f}",
            f"{one['milliseconds']:.2f}",
        )  # fmt: skip
        rows.append(f"{index_name(one):16}" + "".join(f"{value:>12}" for value in values))
    return rows

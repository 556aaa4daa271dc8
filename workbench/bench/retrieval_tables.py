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
        _bfloat16_line(result),
    ]
    if "indexes" in result:
        return head + _indexes(result["indexes"])
    contestants = result["contestants"]
    return head + _table(contestants) + _aims(result) + _differences(contestants) + _missing(result)


def _bfloat16_line(result: dict[str, Any]) -> str:
    speed = result["bfloat16_speed"]
    fast = f"torch's bfloat16 product has {speed:.2f} x the speed of the float32 one here: "
    if result["bfloat16_used"]:
        return fast + "it sorts the pairs, and aims are those for a fast one"
    slow = "less than 2 x, so float32 is used, and aims are those for float32"
    return fast + slow + ("" if result["compiled"] else "; counting in NumPy, not compiled")


def _table(contestants: dict[str, dict[str, Any]]) -> list[str]:
    rows = ["", f"{'':30} {'wall s':>8} {'CPU s':>8} {'ratio':>7} {'MB':>7}"]
    rows += [
        f"{name:30} {contestant['wall_seconds']:8.3f} {contestant['cpu_seconds']:8.3f}"
        f" {contestant['ratio']:7.2f} {contestant['megabytes']:7.0f}"
        for name, contestant in contestants.items()
    ]
    metrics = contestants["workbench"]["figures"]
    return [*rows, "  ".join(f"{name} {value:.4f}" for name, value in metrics.items())]


def _aims(result: dict[str, Any]) -> list[str]:
    ours = result["contestants"]["workbench"]
    aim_lines = []
    for name, unit in (("ratio", "x the product"), ("megabytes", "MB")):
        aim = result["aims"][name]
        if aim is not None:
            verdict = "met" if ours[name] <= aim else "missed"
            aim_lines.append(f"aim: at most {aim:g} {unit}; {ours[name]:.2f}, {verdict}")
    limit, faiss = result["aims"]["of_faiss"], result["contestants"].get("faiss")
    if limit is not None and faiss is not None:
        reached = ours["wall_seconds"] / faiss["wall_seconds"]
        verdict = "met" if reached <= limit else "missed"
        aim_lines.append(f"aim: at most {limit:.2f} x the time of faiss; {reached:.2f}, {verdict}")
    return aim_lines


def _differences(contestants: dict[str, dict[str, Any]]) -> list[str]:
    lines_of_peers = []
    for name, contestant in contestants.items():
        if name in DEFINITIONS:
            differences = ", ".join(
                f"{key} {value:.1e}" for key, value in contestant["differences"].items()
            )
            lines_of_peers.append(f"{name} differs by {differences} ({DEFINITIONS[name]})")
    return lines_of_peers


def _missing(result: dict[str, Any]) -> list[str]:
    names, large = result["not_installed"], result["left_out"]
    notes = [f"not installed, so not measured: {', '.join(names)}"] if names else []
    if large:
        notes.append(f"left out for want of memory: {needs(large)}")
    return notes


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
    for row in indexes:
        values = (
            f"{row['images']:,}", f"{row['build_seconds']:.1f}", f"{row['megabytes']:.0f}",
            f"{row['megabytes_on_disk']:.0f}", f"{row['recall_at_10']:.3f}",
            f"{row['milliseconds']:.2f}",
        )  # fmt: skip
        rows.append(f"{index_name(row):16}" + "".join(f"{value:>12}" for value in values))
    return rows

"""Measure cases of `workbench bench retrieval` and keep them in `benchmarks/retrieval.json`.

    .venv/bin/python benchmarks/retrieval.py market msmt17

One JSON object a line, one line a case: measuring a case again replaces its line. Afterwards
`benchmarks/plot_retrieval.py` draws the plot and writes the tables of `docs/retrieval.md`.
"""

import argparse
import json
import sys
from pathlib import Path

from workbench.bench.retrieval import run
from workbench.bench.retrieval_cases import CASES
from workbench.bench.retrieval_tables import lines
from workbench.runs.files import write_atomically

RECORD = Path(__file__).with_suffix(".json")


def recorded() -> dict[str, dict]:
    """What was measured so far, by case."""
    if not RECORD.is_file():
        return {}
    results = [json.loads(line) for line in RECORD.read_text().splitlines()]
    return {result["case"]: result for result in results}


def keep(result: dict) -> None:
    """Put a case in place of an older measurement of it; cases stand in their own order."""
    everything = recorded() | {result["case"]: result}
    ordered = [json.dumps(everything[name]) for name in CASES if name in everything]
    write_atomically(RECORD, "\n".join(ordered) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", nargs="+", choices=list(CASES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, help="turns of each; default: as the case says")
    options = parser.parse_args()
    for name in options.case:
        result = run(
            name,
            threads=options.threads,
            rounds=options.rounds,
            log=lambda message: print(message, file=sys.stderr, flush=True),
        )
        keep(result)
        print("\n".join(lines(result)), flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)

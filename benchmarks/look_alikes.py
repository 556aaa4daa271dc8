"""What parts are worth: figures of playground runs on queries with and without a look-alike.

    .venv/bin/python benchmarks/look_alikes.py RUN [RUN ...]

A query has a look-alike where another identity of its family is in the gallery. Prints one JSON
object a run, of its averaged weights: mAP and Rank-1 (fractions) of both kinds of queries, and the
share of wrong first places that a look-alike took.
"""

import argparse
import json
from collections import Counter

import numpy as np

from workbench.data.catalogue.splits import locate
from workbench.experiment.run_rankings import open_rankings
from workbench.runs.management import find_run


def families(run):
    """Family by identity; None for who looks like nobody."""
    known = json.loads((locate(run.recipe().data) / "identities.json").read_text())
    return {int(identity): attributes["family"] for identity, attributes in known.items()}


def first_place(rankings, query):
    index = next(image.index for image in rankings.list(query, 1) if image.rank == 1)
    return rankings.embeddings.gallery_images[index].identity


def compare(name):
    run = find_run(name)
    rankings = open_rankings(run)
    family = families(run)
    ranked = {sample.identity for sample in rankings.embeddings.gallery_images}
    members = Counter(family.get(identity) for identity in ranked)
    queries = [sample.identity for sample in rankings.embeddings.query_images]
    alike = np.array(
        [family[identity] is not None and members[family[identity]] > 1 for identity in queries]
    )
    precision = rankings.report.average_precision
    first = [first_place(rankings, query) for query in range(len(queries))]
    right = np.array(
        [
            first_identity == query_identity
            for first_identity, query_identity in zip(first, queries, strict=True)
        ]
    )
    taken = [
        family.get(first_identity) == family[query_identity]
        for first_identity, query_identity in zip(first, queries, strict=True)
        if first_identity != query_identity and family[query_identity] is not None
    ]
    return {
        "run": run.labels().name,
        "with_look_alike": summary(precision, right, alike),
        "without": summary(precision, right, ~alike),
        "wrong_first_places": int((~right).sum()),
        "of_these_look_alikes": int(sum(taken)),
    }


def summary(precision, right, chosen):
    return {
        "queries": int(chosen.sum()),
        "mAP": round(float(precision[chosen].mean()), 4),
        "rank1": round(float(right[chosen].mean()), 4),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+")
    for name in parser.parse_args().runs:
        print(json.dumps(compare(name)), flush=True)


if __name__ == "__main__":
    main()

"""One published preset for each system and protocol, trained by a worker on its miniature."""

import statistics
import time

import numpy as np
import pytest
from sklearn.metrics import normalized_mutual_info_score

from tests.retrieval.brute import figures_of, hits_of, unit
from workbench.data.synthetic.miniatures.trial import on_miniature
from workbench.experiment import evaluate_run
from workbench.interop.result_lines import ranks_of, result_lines
from workbench.retrieval.clusters import cluster_agreement
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.protocol_parts import draws
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.lifecycle import launch

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]
PATIENCE = 900.0
"""Seconds, for a machine that does much else meanwhile."""
CERTAINTY = 0.7
PLAIN = {"mAP", "rank1", "rank5", "rank10", "mINP"}
METRIC = {"mAP", "rank1", "mINP", "NMI"}


def parted(*parts):
    return {f"{part}.{name}" for part in parts for name in PLAIN}


DIRECTIONS = ("satellite_to_drone", "drone_to_satellite")
FIGURES = {
    "rpm/university1652": PLAIN | parted(*DIRECTIONS),
    "rpm/vehicleid": PLAIN | parted("deviation"),
    "rpm/cars196": METRIC | {f"recall_at_{k}" for k in (1, 2, 4, 8)},
    "rpm/in_shop": METRIC
    | {f"recall_at_{k}" for k in (1, 10, 20, 30, 40)}
    | {"NMI_training_count"},
    "rpm/sop": METRIC | {"recall_at_1", "recall_at_10", "NMI_training_count"},
    "msvit/p_dukemtmc_s": PLAIN,
    "layumi/multi_query": PLAIN | parted("multi_query"),
    "layumi/re_ranking": PLAIN,
    "nama/uc_tri_market1501": PLAIN,
    "nama/uc_cls_market1501": PLAIN,
    "mgn/market1501": PLAIN,
}
"""What a training tells of each kind of weights."""
MORE = {
    # What its authors leave at 0 and name as a setting of the evaluation.
    "nama/uc_tri_market1501": {"evaluation.certainty_weight": CERTAINTY},
    # A batch of 256 takes 12 GB.
    "rpm/vehicleid": {"data.sampler.identities": 16},
}
AVERAGED = ("rpm/", "msvit/")
SAME_CAMERA = ("multi_query", "re_ranking", "uc_tri_market1501", "uc_cls_market1501", "market1501")
UNDECIDED = 2e-6
"""Pairs nearer to each other than this may be ordered either way: a step of float32 at an angle."""


@pytest.fixture(scope="module", params=FIGURES)
def preset(request):
    return request.param


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Runs and data sets of all trainings: each miniature is drawn once."""
    return tmp_path_factory.mktemp("published")


@pytest.fixture(scope="module")
def trained(preset, folders):
    """The run of a preset, ended."""
    with pytest.MonkeyPatch.context() as patch:
        put(patch, folders)
        run = launch.start(preset, on_miniature(preset, MORE.get(preset, {}), length=1))
        until = time.monotonic() + PATIENCE
        try:
            while run.status().alive and time.monotonic() < until:
                time.sleep(0.2)
        finally:
            if run.status().alive:
                launch.stop(run, wait=True)
    return run


@pytest.fixture(autouse=True)
def own_folders(folders, monkeypatch):
    put(monkeypatch, folders)


def put(patch, folders):
    patch.setenv("WORKBENCH_RUNS", str(folders / "runs"))
    patch.setenv("WORKBENCH_DATASETS", str(folders / "datasets"))


def told(run):
    """Figures the training ended with, by the kind of weights it made."""
    return {name: own for name, own in run.status().metrics.items() if own is not None}


def last(run):
    """The weights whose figures authors report, and these."""
    return list(told(run).items())[-1]


def stored(run, weights):
    return Embeddings.load(run.embeddings / f"{checkpoint_folder(run, 'last').name}-{weights}")


def test_every_figure_of_the_protocol_is_told(preset, trained):
    assert trained.status().state == "finished", trained.log_file.read_text()
    kinds = {"raw", "averaged"} if preset.startswith(AVERAGED) else {"raw"}
    found = told(trained)
    assert set(found) == kinds
    for figures in found.values():
        assert set(figures) == FIGURES[preset]
        assert all(0 <= value <= 1 for value in figures.values())


def test_the_checkpoint_gives_the_same_figures_and_the_line_of_its_system(preset, trained):
    system, _, name = preset.partition("/")
    weights, figures = last(trained)
    ranks = ranks_of(system, "NMI" in figures)
    result = evaluate_run(trained, weights=weights, checkpoint="last", ranks=ranks)
    metrics = result["metrics"]
    again = metrics[weights]
    assert {figure: again[figure] for figure in figures} == figures
    assert ("re-ranked" in metrics) == (preset == "layumi/re_ranking")
    # NAMA's description reports no figures.
    assert bool(result["reported"]) == (system != "nama")
    cameras = name in SAME_CAMERA
    assert ("same camera left out" in result["protocol"]) == cameras
    assert (result["counts"]["same_camera_pairs"] > 0) == cameras
    if draws_ := [one for one in again if one.startswith("draw_") and one.endswith(".mAP")]:
        assert len(draws_) == trained.recipe().evaluation.gallery_draws.count
        values = [again[one] for one in draws_]
        assert figures["mAP"] == pytest.approx(statistics.mean(values))
        assert figures["deviation.mAP"] == pytest.approx(statistics.stdev(values))
    lines = result_lines(system, again, metrics.get("re-ranked"), preset)
    assert lines == expected_lines(preset, again, metrics.get("re-ranked"))


def expected_lines(preset, figures, re_ranked):
    """What the authors of a preset print, in their own spelling."""
    system = preset.partition("/")[0]
    if system == "nama":
        ranks = [
            f"CMC curve, Rank-1  :{figures['rank1']:.2%}",
            f"CMC curve, Rank-5  :{figures['rank5']:.2%}",
            f"CMC curve, Rank-10 :{figures['rank10']:.2%}",
        ]
        return [f"mAP: {figures['mAP']:.2%}", *ranks]
    if system == "mgn":
        head = ["| Method | Rank@1 | mAP | mINP |", "| :---: | :---: | :---: | :---: |"]
        row = " | ".join(f"{figures[name]:.1%}" for name in ("rank1", "mAP", "mINP"))
        return [*head, f"| {preset} | {row} |"]
    if "NMI" in figures:
        ks = {"rpm/cars196": (1, 2, 4, 8), "rpm/in_shop": (1, 10, 20, 30, 40)}.get(preset, (1, 10))
        recalls = " ".join(f"Recall@{k}:{figures[f'recall_at_{k}']:f}" for k in ks)
        return [f"{recalls} NMI:{figures.get('NMI_training_count', figures['NMI']):f}"]
    parts = {
        "rpm/university1652": [f"{part}." for part in DIRECTIONS],
        "rpm/vehicleid": [f"draw_{number}." for number in range(1, 11)],
    }.get(preset, [""])
    rank = "Rank@" if system == "layumi" else "top"
    lines = [line_of(figures, part, rank) for part in parts]
    if preset == "layumi/multi_query":
        lines.append(f"multi {line_of(figures, 'multi_query.', rank)}")
    return [*lines, *([] if re_ranked is None else [line_of(re_ranked, "", "top")])]


def line_of(figures, part, rank):
    told = [f"{rank}{k}:{figures[f'{part}rank{k}']:f}" for k in (1, 5, 10)]
    return " ".join([*told, f"mAP:{figures[f'{part}mAP']:f}"])


def test_counted_image_by_image_they_are_the_same(preset, trained):
    evaluation = trained.recipe().evaluation
    how = {
        "ranks": sorted({1, *evaluation.ranks}),
        "trapezoid": evaluation.average_precision == "trapezoid",
        "every_query": evaluation.denominator == "all",
    }
    for weights, figures in told(trained).items():
        embeddings = stored(trained, weights)
        # A network that has hardly begun sees many pairs alike: right answers first, and last.
        low, high = (
            joined(
                {
                    part: figures_of(lists, **how)
                    for part, lists in lists_of(embeddings, evaluation, sign * UNDECIDED).items()
                }
            )
            for sign in (-1, 1)
        )
        assert low
        for name in low:
            own = name.replace("rank", "recall_at_") if "NMI" in figures else name
            assert low[name] - 1e-9 <= figures[own] <= high[name] + 1e-9, (weights, name)
        if "NMI" in figures:
            agreement(embeddings, evaluation.clustering, figures)


def lists_of(embeddings, evaluation, favour):
    """Lists of hits of each ranking that the protocol consists of, by its name.

    Right answers are nearer by ``favour``.
    """
    query = list(zip(embeddings.query_images, embeddings.query, strict=True))
    gallery = list(zip(embeddings.gallery_images, embeddings.gallery, strict=True))
    closeness = nearness(embeddings, evaluation)

    def hits(vector, image, others):
        def near(own, other, place):
            right = others[place][0].identity == image.identity
            return closeness(own, other, place) + favour * right

        return hits_of(vector, image, others, near)

    if embeddings.gallery_draws:
        settings = evaluation.gallery_draws
        return {
            part.name: [
                hits(query[row][1], query[row][0], [gallery[place] for place in part.gallery])
                for row in part.queries
            ]
            for part in draws(embeddings, settings.count, settings.seed)
        }
    if embeddings.leave_one_out:
        others = [gallery[:place] + gallery[place + 1 :] for place in range(len(gallery))]
        pairs = zip(gallery, others, strict=True)
        return {"": [hits(vector, image, rest) for (image, vector), rest in pairs]}
    found = {}
    for pairing in embeddings.pairings:
        others = [(image, vector) for image, vector in gallery if image.group == pairing.gallery]
        asking = [(image, vector) for image, vector in query if image.group == pairing.query]
        found[pairing.name] = [hits(vector, image, others) for image, vector in asking]
    if not found:
        found[""] = [hits(vector, image, gallery) for image, vector in query]
    if evaluation.multi_query:
        found["multi_query"] = [
            hits(mean_of(embeddings, image), image, gallery) for image, _ in query
        ]
    return found


def nearness(embeddings, evaluation):
    """How near two directions are: their angle, and less of it to images that are certain."""
    if not evaluation.certainty_weight:
        return lambda own, other, _: float(own @ other)
    certainty = np.asarray(embeddings.certainty, dtype=np.float64)

    def near(own, other, place):
        chord = np.linalg.norm(own - other)
        return evaluation.certainty_weight * certainty[place] - 2 * np.arcsin(chord / 2)

    return near


def mean_of(embeddings, image):
    """The mean direction of all images of an identity and camera."""
    more = zip(embeddings.multi_query_images, embeddings.multi_query, strict=True)
    place = (image.identity, image.camera)
    return np.mean([unit(v) for other, v in more if (other.identity, other.camera) == place], 0)


def joined(parts):
    """Figures by the names a training tells them under."""
    single = parts.get("")
    found = dict(single) if single else {}
    for part, own in parts.items():
        if part and not part.startswith("draw_"):
            found |= {f"{part}.{name}": value for name, value in own.items()}
    if single is None:
        for name in next(iter(parts.values())):
            values = [own[name] for own in parts.values()]
            found[name] = statistics.mean(values)
    return found


def agreement(embeddings, settings, figures):
    """NMI of the clusters that are made, as another library counts it."""
    images, vectors = embeddings.gallery_images, embeddings.gallery
    if not embeddings.leave_one_out:
        images = (*embeddings.query_images, *images)
        vectors = np.concatenate([embeddings.query, vectors])
    classes = np.array([image.identity for image in images])
    made = cluster_agreement(vectors, classes, iterations=settings.iterations, seed=settings.seed)
    assert made.num_clusters == len(set(classes.tolist()))
    assert figures["NMI"] == pytest.approx(normalized_mutual_info_score(classes, made.assignments))

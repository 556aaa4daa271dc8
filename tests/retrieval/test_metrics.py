"""Figures by hand, against brute force over every order, and their exactness."""

import tracemalloc
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, groupby, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score
from threadpoolctl import threadpool_limits

from workbench.errors import DataError, EmptySplit, RecipeError, ShapeError
from workbench.retrieval.exact import pairs, product_blocks
from workbench.retrieval.metrics import allow, evaluate, evaluate_distances

RANKS = (1, 2, 5)
CHEAP = settings(max_examples=100, deadline=None)


def ranked(*hits, images=12):
    """Distances and labels of one query whose right answers stand at these ranks, from 0."""
    ids = np.full(images, 9)
    ids[list(hits)] = 1
    return np.arange(images, dtype=np.float64)[None], [1], ids, [1], np.full(images, 2)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("hits", "trapezoid", "step", "inverse_negative_penalty"),
    [
        ([0], 1, 1, 1),
        ([1], 0.25, 0.5, 0.5),
        ([0, 3, 9], 0.559259, 0.6, 0.3),
        ([4], 0.1, 0.2, 0.2),
    ],
)
def test_values_by_hand(hits, trapezoid, step, inverse_negative_penalty):
    report = evaluate_distances(*ranked(*hits), average_precision="trapezoid")
    assert report.mAP == pytest.approx(trapezoid, abs=1e-6)
    assert report.mINP == pytest.approx(inverse_negative_penalty)
    assert evaluate_distances(*ranked(*hits), average_precision="step").mAP == pytest.approx(step)


def test_cumulative_match_and_saturation():
    report = evaluate_distances(*ranked(3), ranks=(1, 3, 4, 5000))
    assert dict(report.rank) == {1: 0, 3: 0, 4: 1, 5000: 1}
    assert report.metrics() == {
        "mAP": 0.25, "rank1": 0, "rank3": 0, "rank4": 1, "rank5000": 1, "mINP": 0.25,
    }  # fmt: skip


def test_two_rules_of_the_denominator():
    # The second query's identity is not in the gallery.
    args = np.array([[0.1, 0.2], [0.1, 0.2]]), [1, 5], [1, 2], [1, 1], [2, 2]
    valid, everyone = (evaluate_distances(*args, denominator=name) for name in ("valid", "all"))
    assert (valid.mAP, valid.rank[1], valid.mINP) == (1, 1, 1)
    assert (everyone.mAP, everyone.rank[1], everyone.mINP) == (0.5, 0.5, 0.5)
    assert (valid.num_queries, valid.num_valid, valid.num_skipped) == (2, 1, 1)
    assert np.isnan(valid.average_precision[1])


def test_junk_distractors_and_cameras():
    # From near to far: junk, the same camera, a distractor, the right answer.
    args = np.array([[0.0, 1.0, 2.0, 3.0]]), [7], [-1, 7, 0, 7], [1], [2, 1, 2, 2]
    report = evaluate_distances(*args)
    assert (report.mAP, report.num_junk, report.num_same_camera) == (0.5, 1, 1)
    # With same-camera images counted: right answers at ranks 1 and 3.
    kept = evaluate_distances(*args, drop_same_camera=False)
    assert kept.mAP == pytest.approx((1 + 2 / 3) / 2)
    assert kept.num_same_camera == 0


def test_an_unknown_camera_is_nobodys_own():
    ids = np.array([[0.0, 1.0]]), [7], [7, 7]
    for cameras in (([-1], [-1, -1]), ([None], [None, -1]), (None, None), (None, [0, 3])):
        assert evaluate_distances(*ids, *cameras).num_same_camera == 0


def test_camera_0_is_a_camera_like_any_other():
    generator = np.random.default_rng(0)
    query, gallery = generator.standard_normal((20, 8)), generator.standard_normal((90, 8))
    query_ids, gallery_ids = generator.integers(0, 6, 20), generator.integers(-1, 6, 90)
    query_cameras, gallery_cameras = generator.integers(0, 3, 20), generator.integers(0, 3, 90)
    ids = query, gallery, query_ids, gallery_ids
    from_0 = evaluate(*ids, query_cameras, gallery_cameras)
    from_1 = evaluate(*ids, query_cameras + 1, gallery_cameras + 1)
    by_hand = sum(
        a == b and one == other
        for a, one in zip(query_ids, query_cameras, strict=True)
        for b, other in zip(gallery_ids, gallery_cameras, strict=True)
    )
    assert from_0.num_same_camera == from_1.num_same_camera == by_hand > 0
    assert (from_0.mAP, from_0.mINP, from_0.rank) == (from_1.mAP, from_1.mINP, from_1.rank)
    assert from_0.mAP != evaluate(*ids, None, None).mAP


def test_an_image_is_not_its_own_answer():
    vectors = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    report = evaluate(vectors, vectors, [1, 2, 1, 2], [1, 2, 1, 2], None, None, leave_one_out=True)
    # The copy of another identity is nearest, the two others tie at rank 2 and 3.
    assert report.mAP == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert report.tie_span == (pytest.approx(1 / 3), pytest.approx(1 / 2))


def values(vectors, distance):
    """The definition, in plain Python: sums from the first dimension to the last."""
    rows = [[float(x) for x in row] for row in vectors]
    if distance == "euclidean":
        return rows
    lengths = [np.sqrt(sum_in_order([x * x for x in row])) for row in rows]
    return [[float(x / length) for x in row] for row, length in zip(rows, lengths, strict=True)]


def sum_in_order(terms):
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def score(left, right, distance):
    if distance == "cosine":
        return sum_in_order([x * y for x, y in zip(left, right, strict=True)])
    return -sum_in_order([(x - y) * (x - y) for x, y in zip(left, right, strict=True)])


def orders(tie, ties):
    """Every order (as hits) a tie may be counted in; ``tie`` is in gallery order."""
    if ties == "index":
        return [tie]
    right = sum(tie)
    if ties == "worst":
        return [[False] * (len(tie) - right) + [True] * right]
    places = combinations(range(len(tie)), right)
    return [[place in chosen for place in range(len(tie))] for chosen in places]


def figures_of(hits, rule):
    """AP, first rank and INP of a list of hits as exact fractions."""
    ranks = [rank for rank, hit in enumerate(hits, 1) if hit]
    terms = []
    for number, rank in enumerate(ranks, 1):
        at = Fraction(number, rank)
        before = Fraction(number - 1, rank - 1) if rank > 1 else Fraction(1)
        terms.append(at if rule == "step" else (at + before) / 2)
    return sum(terms) / len(ranks), ranks[0], Fraction(len(ranks), ranks[-1])


def brute_force(problem, options):
    """mAP, CMC and mINP by sorting everything and enumerating every order of every tie."""
    query, gallery, query_ids, gallery_ids, query_cameras, gallery_cameras = problem
    distance = options["distance"]
    left, right = values(query, distance), values(gallery, distance)
    per_query = []
    for q in range(len(query_ids)):
        counted = []
        for g in range(len(gallery_ids)):
            same = gallery_ids[g] == query_ids[q]
            same_camera = query_cameras[q] == gallery_cameras[g] != -1
            itself = options["leave_one_out"] and g == q
            if gallery_ids[g] == -1 or itself:
                continue
            if options["drop_same_camera"] and same and same_camera:
                continue
            counted.append((-score(left[q], right[g], distance), g, bool(same)))
        if not any(hit for *_, hit in counted):
            continue
        groups = [
            [hit for *_, hit in group]
            for _, group in groupby(sorted(counted), key=lambda image: image[0])
        ]
        choices = [orders(group, options["ties"]) for group in groups]
        found = [
            figures_of([hit for tie in order for hit in tie], options["average_precision"])
            for order in product(*choices)
        ]
        number = len(found)
        cumulative = [Fraction(sum(first <= k for _, first, _ in found), number) for k in RANKS]
        average_precision = sum(ap for ap, *_ in found) / number
        per_query.append((average_precision, *cumulative, sum(inp for *_, inp in found) / number))
    if not per_query:
        return None
    divisor = len(per_query) if options["denominator"] == "valid" else len(query_ids)
    return [float(sum(column) / divisor) for column in zip(*per_query, strict=True)]


@st.composite
def problems(draw):
    """Few images of few vectors, so that ties, duplicates and empty cases are common."""
    leave_one_out = draw(st.booleans())
    images = draw(st.integers(1, 7))
    queries = images if leave_one_out else draw(st.integers(1, 3))
    vector = st.lists(st.sampled_from([-1.0, 0.1, 0.3, 1.0]), min_size=2, max_size=2)
    ids, cameras = st.integers(-1, 2), st.integers(-1, 2)

    def lists(of, size):
        return draw(st.lists(of, min_size=size, max_size=size))

    gallery = lists(vector, images), lists(ids, images), lists(cameras, images)
    query = (
        gallery
        if leave_one_out
        else (lists(vector, queries), lists(ids, queries), lists(cameras, queries))
    )
    interleaved = [part for both in zip(query, gallery, strict=True) for part in both]
    options = {
        "distance": draw(st.sampled_from(["cosine", "euclidean"])),
        "average_precision": draw(st.sampled_from(["step", "trapezoid"])),
        "denominator": draw(st.sampled_from(["valid", "all"])),
        "drop_same_camera": draw(st.booleans()),
        "ties": draw(st.sampled_from(["mean", "index", "worst"])),
        "leave_one_out": leave_one_out,
    }
    dtype = draw(st.sampled_from([np.float16, np.float32, np.float64]))
    vectors = [np.array(part, dtype=dtype) for part in interleaved[:2]]
    return [*vectors, *interleaved[2:]], options


@pytest.mark.thorough
@CHEAP
@given(problems())
def test_every_option_against_brute_force(case):
    problem, options = case
    # A junk query has no right answer: its identity in the gallery is left out.
    expected = brute_force(problem, options)
    if expected is None:
        with pytest.raises(EmptySplit):
            evaluate(*problem, ranks=RANKS, **options)
        return
    report = evaluate(*problem, ranks=RANKS, **options)
    found = [report.mAP, *report.rank.values(), report.mINP]
    assert found == pytest.approx(expected, rel=1e-13, abs=1e-15)
    worst, best = report.tie_span
    assert worst - 1e-13 <= report.mAP <= best + 1e-13
    if options["ties"] == "worst":
        assert report.mAP == worst


def crowd(seed=0, queries=20, images=300, dim=16, identities=12):
    """Clustered vectors with duplicates, junk, distractors and cameras."""
    numbers = np.random.default_rng(seed)
    centres = numbers.standard_normal((identities, dim))

    def part(size):
        ids = numbers.integers(-1, identities, size)
        vectors = centres[ids] + numbers.standard_normal((size, dim))
        return vectors.astype(np.float32), ids, numbers.integers(0, 4, size)

    query, gallery = part(queries), part(images)
    gallery[0][images // 2 :] = gallery[0][: images - images // 2]  # duplicates of other identities
    return [part for both in zip(query, gallery, strict=True) for part in both]


def bits(report):
    return (
        report.mAP, report.mINP, report.tie_span, dict(report.rank),
        report.average_precision.tobytes(), report.inverse_negative_penalty.tobytes(),
    )  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize("average_precision", ["step", "trapezoid"])
def test_the_same_bits_for_any_block_size_and_gallery_order(
    monkeypatch, distance, average_precision
):
    problem = crowd()
    options = {"distance": distance, "average_precision": average_precision}
    expected = bits(evaluate(*problem, **options))
    for queries, numbers in ((3, 16 * 29), (7, 16 * 133), (64, 16 * 301)):
        monkeypatch.setattr(product_blocks, "QUERY_BLOCK", queries)
        monkeypatch.setattr(product_blocks, "BLOCK_NUMBERS", numbers)
        monkeypatch.setattr(pairs, "PAIR_NUMBERS", numbers)
        assert bits(evaluate(*problem, **options)) == expected
    order = np.random.default_rng(1).permutation(300)
    shuffled = [part[order] if i % 2 else part for i, part in enumerate(problem)]
    assert bits(evaluate(*shuffled, **options)) == expected


@pytest.mark.thorough
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_the_same_bits_for_any_number_of_threads(distance):
    problem = crowd(queries=60, images=900, dim=48)
    with threadpool_limits(1):
        one = bits(evaluate(*problem, distance=distance))
    with threadpool_limits(2):
        assert bits(evaluate(*problem, distance=distance)) == one


@pytest.mark.thorough
@pytest.mark.parametrize("precision", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_the_same_bits_for_any_precision_of_the_product(monkeypatch, distance, precision):
    problem = crowd()
    monkeypatch.setattr(product_blocks, "fastest", lambda: "float32")
    expected = bits(evaluate(*problem, distance=distance))
    monkeypatch.setattr(product_blocks, "fastest", lambda: precision)
    assert bits(evaluate(*problem, distance=distance)) == expected
    whole = np.linalg.norm(problem[1], axis=1, keepdims=True)
    problem[1] = problem[1] / whole  # of length 1: such vectors are not scaled again
    found = bits(evaluate(*problem, distance=distance))
    monkeypatch.setattr(product_blocks, "fastest", lambda: "float32")
    assert bits(evaluate(*problem, distance=distance)) == found


@pytest.mark.thorough
@pytest.mark.parametrize("size", [1e-12, 1e-3, 0.3])
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_the_same_bits_for_any_product_within_its_margin(monkeypatch, distance, size):
    """Whatever another library or precision returns within its bound, the figures stay."""
    problem = crowd()
    expected = bits(evaluate(*problem, distance=distance))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # noise is drawn in one order
    numbers, made = np.random.default_rng(2), []
    product, quick = product_blocks.ProductBlocks._block, pairs.FeaturePairs.quick_scores

    def blurred(*given):
        block = product(*given)
        made.append(block.scores.size)
        noise = numbers.uniform(-size, size, block.scores.shape)
        return replace(block, scores=block.scores + noise, margin=block.margin + size)

    def blurred_pairs(*given):
        scores, margin = quick(*given)
        return scores + numbers.uniform(-size, size, scores.shape), margin + size

    monkeypatch.setattr(product_blocks.ProductBlocks, "_block", blurred)
    monkeypatch.setattr(pairs.FeaturePairs, "quick_scores", blurred_pairs)
    assert bits(evaluate(*problem, distance=distance)) == expected
    assert sum(made) == len(problem[0]) * len(problem[1])


def test_where_float32_ranks_wrongly():
    # Turned by 1.4e-5 and 1.9e-5 against the query: the cosines differ by 8e-11, far less than
    # float32 can tell, and it puts the farther one, of another identity, first.
    query = np.array([[1, 1, 1]], dtype=np.float32)
    gallery = np.array([[1, 1, 1.00004], [1, 1, 1.00003]], dtype=np.float32)

    def cosine(left, right):
        lengths = [np.sqrt(sum_in_order(list(side * side))) for side in (left, right)]
        return sum_in_order(list((left / lengths[0]) * (right / lengths[1])))

    rough = [cosine(query[0], row) for row in gallery]
    assert rough[0].dtype == np.float32
    assert rough[0] > rough[1]
    report = evaluate(query, gallery, [1], [2, 1], [1], [2, 2], ties="worst")
    assert report.mAP == 1
    assert report.tie_span == (1, 1)


@pytest.mark.thorough
def test_scikit_learn_agrees_where_nothing_ties():
    query, gallery, query_ids, gallery_ids, *_ = crowd(dim=64)
    gallery = np.random.default_rng(3).standard_normal(gallery.shape)
    kept = gallery_ids != -1
    report = evaluate(
        query, gallery, query_ids, gallery_ids, None, None,
        distance="euclidean",
    )  # fmt: skip
    for q in np.flatnonzero(~np.isnan(report.average_precision)):
        nearness = -np.linalg.norm(query[q] - gallery[kept], axis=1)
        expected = average_precision_score(gallery_ids[kept] == query_ids[q], nearness)
        assert report.average_precision[q] == pytest.approx(expected, rel=1e-12)


def test_negative_cosines_count_like_any_other():
    # Everything is farther than a right angle; the right answer is the nearest.
    report = evaluate(
        np.array([[1.0, 0]]), np.array([[-1, 0.1], [-1, 0.9]]), [1], [2, 1], [1], [2, 2]
    )
    assert report.mAP == 1


@pytest.mark.thorough
def test_tensors_and_arrays_give_the_same_bits():
    problem = crowd()
    tensors = [torch.from_numpy(part) for part in problem]
    assert bits(evaluate(*tensors)) == bits(evaluate(*problem))
    tensors[0].requires_grad_()
    assert bits(evaluate(*tensors)) == bits(evaluate(*problem))
    rounded = [part.bfloat16() if part.is_floating_point() else part for part in tensors]
    widened = [part.float() if part.is_floating_point() else part for part in rounded]
    assert bits(evaluate(*rounded)) == bits(evaluate(*widened))


@pytest.mark.thorough
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_memory_maps_of_both_sides_give_the_same_bits_in_blocks(
    tmp_path, monkeypatch, dtype, distance
):
    problem = crowd()
    problem[:2] = (part.astype(dtype) for part in problem[:2])
    expected = bits(evaluate(*problem, distance=distance))
    monkeypatch.setattr(product_blocks, "QUERY_BLOCK", 7)
    monkeypatch.setattr(product_blocks, "BLOCK_NUMBERS", 16 * 41)
    for place, name in enumerate(("query.npy", "gallery.npy")):
        np.save(tmp_path / name, problem[place])
        problem[place] = np.load(tmp_path / name, mmap_mode="r")
    assert bits(evaluate(*problem, distance=distance)) == expected


@pytest.mark.thorough
def test_memory_stays_far_below_the_matrix_of_all_pairs():
    query, gallery, *labels = crowd(queries=256, images=30_000, dim=32, identities=2000)
    gallery += np.random.default_rng(4).standard_normal(gallery.shape, dtype=np.float32)
    evaluate(*crowd())  # whatever is loaded once
    tracemalloc.start()
    evaluate(query, gallery, *labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16e6 < 256 * 30_000 * 4 / 1.9


def test_one_gallery_image_is_enough():
    assert evaluate(np.ones((1, 2)), np.ones((1, 2)), [1], [1], [1], [2]).mAP == 1


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({0: np.array([[1.0, np.nan]])}, DataError, r"query\[0\] holds a value that is not finite"),
        ({1: np.array([[1, 0], [np.inf, 0.0]])}, DataError, r"gallery\[1\] holds"),
        ({1: np.array([[1, 0], [0.0, 0]])}, DataError, r"gallery\[1\] is a zero vector"),
        ({0: np.array([[1e200, 0.0]])}, DataError, r"query\[0\] is too long"),
        ({0: np.ones((1, 3))}, ShapeError, "query vectors have width 3, gallery vectors 2"),
        ({0: np.ones(2)}, ShapeError, r"query has shape \(2,\)"),
        ({0: np.ones((1, 2), dtype=int)}, DataError, "query holds int64 values"),
        ({0: np.ones((0, 2)), 2: [], 4: []}, EmptySplit, "query holds no image"),
        ({0: np.ones((1, 0))}, ShapeError, "width 0"),
        ({2: [1, 1]}, ShapeError, r"query_ids has shape \(2,\), its vectors are 1"),
        ({5: [1]}, ShapeError, "gallery_cameras has shape"),
        ({3: np.ones(2)}, DataError, "gallery_ids holds float64 values"),
        ({3: np.array([1, 2**63], dtype=np.uint64)}, DataError, r"gallery_ids\[1\] = 9223372036"),
        ({3: [1, 2**70]}, DataError, r"gallery_ids\[1\] = 1180591620717411303424 does not fit"),
        ({3: [1, -(2**70)]}, DataError, r"gallery_ids\[1\] = -1180591620717411303424 does not"),
        ({3: np.array([1, None])}, DataError, "gallery_ids holds object values"),
        ({2: [5]}, EmptySplit, "None of the 1 queries has a match"),
        ({"ranks": (0,)}, RecipeError, "ranks = "),
        ({"leave_one_out": True}, ShapeError, "leave_one_out needs the same images"),
    ],
)  # fmt: skip
def test_one_sentence_says_what_is_wrong(change, error, sentence):
    arguments = [np.ones((1, 2)), np.ones((2, 2)), [1], [1, 2], [1], [2, 2]]
    for place in [key for key in change if isinstance(key, int)]:
        arguments[place] = change[place]
    options = {key: value for key, value in change.items() if isinstance(key, str)}
    with pytest.raises(error, match=sentence):
        evaluate(*arguments, **options)


def test_a_misspelt_setting_is_refused_with_its_path():
    with pytest.raises(RecipeError, match="ties = 'first': allowed are mean, index") as refusal:
        allow("ties", "first", ("mean", "index"))
    assert refusal.value.path == "evaluation.ties"


def test_distances_must_fit_their_labels():
    with pytest.raises(ShapeError, match="gallery_ids has shape"):
        evaluate_distances(np.ones((1, 3)), [1], [1, 2], [1], [2, 2])
    with pytest.raises(DataError, match=r"distances\[0\] holds a value that is not finite"):
        evaluate_distances(np.full((1, 2), np.nan), [1], [1, 2], [1], [2, 2])

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.ui.links import LARGEST_K, Link, read_link, write_link

texts = st.text(max_size=30)
links = st.builds(
    Link,
    tab=st.sampled_from(["train", "runs", "rankings", "parts", "map", "data", "learn"]),
    run=texts,
    preset=texts,
    weights=texts,
    source=st.sampled_from(["query", "gallery"]),
    query=st.none() | st.integers(0, 999_999_999),
    hit=st.none() | st.integers(0, 999_999_999),
    k=st.integers(1, LARGEST_K),
    rerank=texts,
    method=texts,
    colour=st.sampled_from(["identity", "camera", "split", "correctness"]),
    step=st.none() | st.integers(0, 999_999_999),
    point=st.none() | st.integers(0, 999_999_999),
    dataset=texts,
    identity=st.none() | st.integers(0, 999_999_999),
    lesson=texts,
    setting=texts,
    hide=texts,
    language=texts,
    training=texts,
)


@pytest.mark.thorough
@given(links)
def test_a_link_is_read_back_as_it_was_written(link):
    assert read_link(write_link(link)) == link


def test_a_link_says_only_what_is_not_usual():
    assert write_link(Link()) == "?tab=train"
    link = Link(tab="rankings", run="a", weights="averaged", query=12, k=20)
    assert write_link(link) == "?tab=rankings&run=a&weights=averaged&query=12&k=20"


def test_a_link_to_a_pair():
    link = Link(tab="parts", run="a", weights="raw", query=3, hit=0, method="gradcam")
    assert write_link(link) == "?tab=parts&run=a&weights=raw&query=3&hit=0&method=gradcam"


def test_a_link_to_a_point_of_a_map():
    link = Link(tab="map", run="a", weights="raw", method="umap", colour="camera", step=0, point=7)
    address = "?tab=map&run=a&weights=raw&method=umap&colour=camera&step=0&point=7"
    assert write_link(link) == address
    assert read_link(address) == link


def test_a_link_to_a_person_of_a_data_set():
    address = "?tab=data&dataset=playground%2F0a1b&identity=7"
    assert write_link(Link(tab="data", dataset="playground/0a1b", identity=7)) == address
    assert read_link(address) == Link(tab="data", dataset="playground/0a1b", identity=7)


def test_a_link_to_a_lesson_hides_controls():
    link = Link(tab="learn", lesson="losses", setting="loss:circle,margin:0.25", hide="seed,rate")
    address = "?tab=learn&lesson=losses&setting=loss%3Acircle%2Cmargin%3A0.25&hide=seed%2Crate"
    assert write_link(link) == address
    assert read_link(address) == link


def test_what_cannot_be_read_falls_back():
    link = read_link("?tab=nowhere&query=-3&k=many&source=moon&view=full&colour=magic&point=x")
    assert link == Link()
    assert read_link("k=100000").k == LARGEST_K
    assert read_link("k=0").k == Link().k
    assert read_link("query=٣").query is None

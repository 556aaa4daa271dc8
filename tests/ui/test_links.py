from hypothesis import given
from hypothesis import strategies as st

from workbench.ui.links import LARGEST_K, Link, read_link, write_link

texts = st.text(max_size=30)
links = st.builds(
    Link,
    tab=st.sampled_from(["train", "runs", "rankings"]),
    run=texts,
    preset=texts,
    weights=texts,
    source=st.sampled_from(["query", "gallery"]),
    query=st.none() | st.integers(0, 999_999_999),
    k=st.integers(1, LARGEST_K),
)


@given(links)
def test_a_link_is_read_back_as_it_was_written(link):
    assert read_link(write_link(link)) == link


def test_a_link_says_only_what_is_not_usual():
    assert write_link(Link()) == "?tab=train"
    link = Link(tab="rankings", run="a", weights="averaged", query=12, k=20)
    assert write_link(link) == "?tab=rankings&run=a&weights=averaged&query=12&k=20"


def test_what_cannot_be_read_falls_back():
    link = read_link("?tab=nowhere&query=-3&k=many&source=moon&view=full")
    assert link == Link()
    assert read_link("k=100000").k == LARGEST_K
    assert read_link("k=0").k == Link().k
    assert read_link("query=٣").query is None

"""What has changed between two versions of a pool."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasete.pools.editing import CACHED_VERSIONS, Change, Versions, difference
from datasete.pools.manifest import Manifest, Picture


def pictures(names: str) -> tuple[Picture, ...]:
    return tuple(Picture(name) for name in names)


@given(st.text("abcdef", max_size=12), st.text("abcdef", max_size=12))
def test_a_difference_makes_the_one_of_the_other(before: str, after: str) -> None:
    change = difference(pictures(before), pictures(after))
    made = [*pictures(before)[: change.at], *change.pictures, *pictures(before)[change.at + change.gone :]]
    assert made == [*pictures(after)]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("abcd", "abXd", Change(2, 1, pictures("X"))),
        ("abcd", "abcd", Change(4, 0, ())),
        ("abcd", "acd", Change(1, 1, ())),
        ("abcd", "abcdef", Change(4, 0, pictures("ef"))),
        ("aa", "a", Change(1, 1, ())),
        ("abcd", "bacd", Change(0, 2, pictures("ba"))),
    ],
)
def test_a_difference_is_as_small_as_one_replacement_can_be(before: str, after: str, change: Change) -> None:
    assert difference(pictures(before), pictures(after)) == change


def test_a_version_that_is_known_is_told_what_has_changed() -> None:
    versions, first = Versions(), Manifest(pictures("abcdef"))
    name = versions.remember(first)
    labelled = replace(first, pictures=(*first.pictures[:3], Picture("d", label="new"), *first.pictures[4:]))
    assert versions.since(name, labelled) == Change(3, 1, (Picture("d", label="new"),))


@pytest.mark.parametrize("name", ["", "unheard-of"])
def test_one_that_is_not_is_told_everything(name: str) -> None:
    assert Versions().since(name, Manifest(pictures("abc"))) is None


def test_when_most_has_changed_everything_is_told() -> None:
    versions = Versions()
    name = versions.remember(Manifest(pictures("abcdef")))
    assert versions.since(name, Manifest(pictures("fedcba"))) is None


def test_old_versions_are_forgotten() -> None:
    versions, first = Versions(), Manifest(pictures("abcdef"))
    name = versions.remember(first)
    for number in range(CACHED_VERSIONS):
        versions.remember(Manifest((Picture(str(number)),)))
    assert versions.since(name, first) is None

"""What has changed between two versions of a pool."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasete.pools.editing import CACHED_VERSIONS, Change, Versions, difference
from datasete.pools.manifest import Manifest, Slot


def slots(names: str) -> tuple[Slot, ...]:
    return tuple(Slot(name) for name in names)


@given(st.text("abcdef", max_size=12), st.text("abcdef", max_size=12))
def test_a_difference_makes_the_one_of_the_other(before: str, after: str) -> None:
    change = difference(slots(before), slots(after))
    made = [*slots(before)[: change.at], *change.slots, *slots(before)[change.at + change.gone :]]
    assert made == [*slots(after)]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("abcd", "abXd", Change(2, 1, slots("X"))),
        ("abcd", "abcd", Change(4, 0, ())),
        ("abcd", "acd", Change(1, 1, ())),
        ("abcd", "abcdef", Change(4, 0, slots("ef"))),
        ("aa", "a", Change(1, 1, ())),
        ("abcd", "bacd", Change(0, 2, slots("ba"))),
    ],
)
def test_a_difference_is_as_small_as_one_replacement_can_be(before: str, after: str, change: Change) -> None:
    assert difference(slots(before), slots(after)) == change


def test_a_version_that_is_known_is_told_what_has_changed() -> None:
    versions, first = Versions(), Manifest(slots("abcdef"))
    name = versions.remember(first)
    labelled = replace(first, slots=(*first.slots[:3], Slot("d", label="new"), *first.slots[4:]))
    assert versions.since(name, labelled) == Change(3, 1, (Slot("d", label="new"),))


@pytest.mark.parametrize("name", ["", "unheard-of"])
def test_one_that_is_not_is_told_everything(name: str) -> None:
    assert Versions().since(name, Manifest(slots("abc"))) is None


def test_when_most_has_changed_everything_is_told() -> None:
    versions = Versions()
    name = versions.remember(Manifest(slots("abcdef")))
    assert versions.since(name, Manifest(slots("fedcba"))) is None


def test_old_versions_are_forgotten() -> None:
    versions, first = Versions(), Manifest(slots("abcdef"))
    name = versions.remember(first)
    for number in range(CACHED_VERSIONS):
        versions.remember(Manifest((Slot(str(number)),)))
    assert versions.since(name, first) is None


def test_another_content_under_the_same_revision_is_another_version() -> None:
    first = Manifest((Slot("a"), Slot("b")), revision=7)
    others = [replace(first, slots=order) for order in ((Slot("b"), Slot("a")), (Slot("a", label="x"), Slot("b")))]
    assert len({first.fingerprint, *(other.fingerprint for other in others)}) == 3

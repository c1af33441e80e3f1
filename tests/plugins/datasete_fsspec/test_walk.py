import random

import pytest

from datasete.plugin import Entry
from datasete_fsspec.local import LocalStore
from datasete_fsspec.walk import FIRST_KEYS, SORT_AT_ONCE, Found, in_order, walk


@pytest.mark.parametrize("count", [0, 1, FIRST_KEYS, SORT_AT_ONCE, SORT_AT_ONCE + 1, 3 * SORT_AT_ONCE])
def test_a_few_first_and_then_the_rest_is_all_in_order(count):
    keys = [f"{number:x}/" for number in range(count)]
    random.Random(count).shuffle(keys)
    assert list(in_order(keys)) == sorted(keys)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A store with more folders than are sorted at once; files beside, between and below them."""
    root = tmp_path_factory.mktemp("crowded")
    keys = {f"slot {number}{end}" for number in range(SORT_AT_ONCE + 100) for end in ("/image.png", "/mask.png")}
    keys |= {"!first", "slot 1-x", "slot 1.png", "slot 10", "slot 3/deeper/a.png", "slot 3/deeper.png", "~last"}
    keys -= {"slot 10/image.png", "slot 10/mask.png"}
    for key in keys:
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return LocalStore(root), sorted(keys)


def test_a_crowded_folder_is_listed_in_key_order(crowded):
    store, keys = crowded
    assert [entry.key for entry in store.list(limit=100_000).entries] == keys


PLACES = ("", "!first", "slot 1", "slot 1-x", "slot 1/", "slot 1/image.png", "slot 3/deeper", "~")


@pytest.mark.parametrize("after", PLACES)
def test_it_is_listed_from_any_place_in_small_pages(crowded, after):
    store, keys = crowded
    begin, found = after, []
    for _ in range(3):
        listing = store.list(after=after, limit=FIRST_KEYS + 7)
        found += [entry.key for entry in listing.entries]
        after = listing.next or "\U0010ffff"
    expected = [key for key in keys if key > begin]
    assert found == expected[: 3 * (FIRST_KEYS + 7)]


@pytest.mark.parametrize("prefix", ["slot 1", "slot 1/", "slot 3/d", "slot 10"])
def test_only_what_begins_with_the_prefix_is_listed(crowded, prefix):
    store, keys = crowded
    found = [entry.key for entry in store.list(prefix, limit=100_000).entries]
    assert found == [key for key in keys if key.startswith(prefix)]


def test_a_tree_deeper_than_the_stack_of_python_is_listed():
    deep = 3000

    def scan(folder):
        level = folder.count("/") + 1 if folder else 0
        return Found(["d"] if level < deep else [], {f"f{level}": level})

    keys = [entry.key for entry in walk(scan, lambda key, _: Entry(key, 0, 0.0), "", "")]
    assert len(keys) == deep + 1
    assert keys == sorted(keys)

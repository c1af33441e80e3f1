"""Checks: several threads on one store, and two stores over one place. Some checks depend on a capability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from threading import Barrier
from typing import TypeVar

import pytest

from datasete.plugin import ABSENT, Conflict, NotFound, Store
from datasete.testing._suite import Suite, data_of, keys

T = TypeVar("T")

WRITERS = 6
ROUNDS = 12


def together(count: int, task: Callable[[int], T]) -> list[T]:
    """Run a task in `count` threads that start at the same moment; return the results by thread number."""
    barrier = Barrier(count)

    def start(number: int) -> T:
        barrier.wait()
        return task(number)

    with ThreadPoolExecutor(count) as pool:
        return [*pool.map(start, range(count))]


def won(write: Callable[[], object]) -> bool:
    """Whether a conditional write succeeded."""
    try:
        write()
    except Conflict:
        return False
    return True


def _delete_at(store: Store, key: str, version: str, number: int) -> int:
    del number
    return store.delete([key], {key: version})


class ThreadChecks(Suite):
    """Writers, readers and listers at once."""

    def test_threads_write_different_keys(self, store: Store) -> None:
        together(WRITERS, lambda number: [store.write(f"{number}/{turn}", b"x") for turn in range(ROUNDS)])
        assert len(keys(store)) == WRITERS * ROUNDS

    def test_one_of_many_creators_wins(self, store: Store, peer: Store) -> None:
        for turn in range(ROUNDS):
            key = f"slot{turn}/image.png"
            winners = together(
                WRITERS,
                lambda number: won(partial((store, peer)[number % 2].write, key, b"%d" % number, ABSENT)),  # noqa: B023
            )
            assert Counter(winners)[True] == 1
            assert data_of(store, key) == b"%d" % winners.index(True)

    def test_one_of_many_replacers_wins(self, store: Store, peer: Store) -> None:
        version = store.write("key", b"start")
        for turn in range(ROUNDS):
            winners = together(
                WRITERS,
                lambda number: won(
                    partial((store, peer)[number % 2].write, "key", b"%d %d" % (turn, number), version)  # noqa: B023
                ),
            )
            assert Counter(winners)[True] == 1
            blob = store.read(["key"])["key"]
            assert blob.data == b"%d %d" % (turn, winners.index(True))
            version = blob.version

    def test_no_edit_is_lost(self, store: Store, peer: Store) -> None:
        store.write("list", b"")
        edits = 10

        def edit(number: int) -> None:
            mine = (store, peer)[number % 2]
            for turn in range(edits):
                while True:
                    blob = mine.read(["list"])["list"]
                    if won(partial(mine.write, "list", blob.data + b"%d.%d " % (number, turn), blob.version)):
                        break

        together(WRITERS, edit)
        counted = Counter((data_of(store, "list") or b"").split())
        assert len(counted) == WRITERS * edits
        assert set(counted.values()) == {1}

    def test_a_reader_never_sees_a_mixture(self, store: Store, peer: Store) -> None:
        contents = [bytes([65 + number]) * (300_000 + 1000 * number) for number in range(4)]
        store.write("key", contents[0])

        def task(number: int) -> set[bytes]:
            if number == 0:
                for turn in range(ROUNDS * 2):
                    store.write("key", contents[turn % len(contents)])
                return set()
            return {data_of(peer, "key") or b"missing" for _ in range(ROUNDS * 2)}

        assert set().union(*together(4, task)) <= set(contents)

    def test_a_version_read_belongs_to_its_bytes(self, store: Store, peer: Store) -> None:
        written: dict[str, bytes] = {store.write("key", b"start"): b"start"}
        seen: list[tuple[str, bytes]] = []

        def task(number: int) -> None:
            for turn in range(ROUNDS * 2):
                if number == 0:
                    written[store.write("key", b"%03d" % turn)] = b"%03d" % turn
                else:
                    blob = peer.read(["key"])["key"]
                    seen.append((blob.version, blob.data))

        together(3, task)
        assert all(written[version] == data for version, data in seen)

    def test_a_copy_at_a_version_is_that_version(self, store: Store, peer: Store) -> None:
        written: dict[str, bytes] = {store.write("key", b"start"): b"start"}

        def copies(number: int) -> list[tuple[str, str]]:
            done = []
            for turn in range(ROUNDS):
                version = peer.read(["key"])["key"].version
                target = f"history/{number}-{turn}"
                if won(partial(peer.copy, "key", target, version)):
                    done.append((target, version))
            return done

        def task(number: int) -> list[tuple[str, str]]:
            if number:
                return copies(number)
            for turn in range(ROUNDS * 2):
                written[store.write("key", b"%03d" % turn)] = b"%03d" % turn
            return []

        for target, version in chain.from_iterable(together(3, task)):
            assert data_of(store, target) == written[version]

    def test_writers_and_deleters_of_one_folder_get_along(self, store: Store) -> None:
        def task(number: int) -> None:
            for turn in range(ROUNDS):
                key = f"deep/folder/{number}"
                store.write(key, b"%d" % turn)
                assert data_of(store, key) == b"%d" % turn
                assert store.delete([key]) == 1

        together(WRITERS, task)
        assert keys(store) == []

    def test_one_of_many_deleters_counts(self, store: Store) -> None:
        if not store.capabilities.conditional_delete:
            pytest.skip("the store claims no conditional delete")
        for _ in range(ROUNDS):
            version = store.write("slot/key", b"data")
            assert sum(together(4, partial(_delete_at, store, "slot/key", version))) == 1

    def test_a_conditional_delete_never_takes_a_newer_blob(self, store: Store, peer: Store) -> None:
        if not store.capabilities.conditional_delete:
            pytest.skip("the store claims no conditional delete")
        for turn in range(ROUNDS):
            version = store.write("key", b"old")

            def task(number: int, version: str = version, turn: int = turn) -> int:
                if number:
                    return peer.delete(["key"], {"key": version})
                store.write("key", b"new %d" % turn)
                return 0

            together(2, task)
            assert data_of(store, "key") == b"new %d" % turn

    def test_listing_while_others_write_shows_what_stays(self, store: Store, peer: Store) -> None:
        stays = [f"stays/{number:02d}" for number in range(20)]
        for key in stays:
            store.write(key, b"x")

        def task(number: int) -> bool:
            if number == 0:
                for turn in range(ROUNDS * 2):
                    store.write(f"comes/{turn}", b"x")
                    store.delete([f"comes/{turn}"])
                return True
            return all([key for key in keys(peer, limit=7) if key.startswith("stays/")] == stays for _ in range(ROUNDS))

        assert all(together(3, task))

    def test_copying_while_the_source_vanishes_is_not_found_or_whole(self, store: Store) -> None:
        def task(number: int) -> None:
            for turn in range(ROUNDS):
                if number == 0:
                    store.write("source", b"whole")
                    store.delete(["source"])
                else:
                    try:
                        store.copy("source", f"copy/{number}-{turn}")
                    except NotFound:
                        continue
                    assert data_of(store, f"copy/{number}-{turn}") == b"whole"

        together(3, task)

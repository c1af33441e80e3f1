"""Many strips at once."""

from __future__ import annotations

import threading

import pytest

from datasete.imaging.strips import MAX_THREADS, cpu_count, parallel_map


def test_results_come_in_order():
    assert list(parallel_map(lambda number: number * number, range(50))) == [number * number for number in range(50)]


def test_one_item_needs_no_thread():
    assert list(parallel_map(lambda _: threading.current_thread(), [1])) == [threading.current_thread()]


def test_nothing_gives_nothing():
    assert list(parallel_map(str, [])) == []


def test_a_failure_reaches_the_caller_and_leaves_no_thread():
    def fail(number: int) -> int:
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        list(parallel_map(fail, range(20)))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("datasete-imaging")]


def test_threads_are_few():
    names = set(parallel_map(lambda _: threading.current_thread().name, range(200)))
    assert 1 <= len(names) <= min(MAX_THREADS, max(1, cpu_count()))

"""Filters, strips, the rounding of floats, and many strips at once."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasete.imaging.strips import (
    MAX_THREADS,
    STRIP_BYTES,
    cpu_count,
    divide_rows,
    filter_strip,
    parallel_map,
    plan_strips,
    to_bytes,
    unfilter_strip,
)


@given(st.integers(1, 5000), st.integers(1, 10**6))
def test_strips_cover_the_picture_once(height, row_bytes):
    strips = plan_strips(height, row_bytes)
    assert [strip.first for strip in strips] == [0, *(strip.last for strip in strips[:-1])]
    assert strips[-1].last == height
    rows = {strip.rows for strip in strips}
    assert min(rows) >= 1
    assert max(rows) - min(rows) <= 1
    assert max(rows) == 1 or max(rows) * row_bytes <= 2 * STRIP_BYTES


@given(st.integers(1, 300), st.integers(1, 300))
def test_a_reader_finds_the_strips_from_their_number(height, count):
    count = min(height, count)
    assert len(divide_rows(height, count)) == count


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("rows", "width"), [(1, 1), (1, 9), (9, 1), (40, 30), (3, 700)])
def test_filtering_is_undone(rows, width, channels):
    pixels = np.random.default_rng(2).integers(0, 256, (rows, width * channels), dtype=np.uint8)
    filtered = filter_strip(pixels, channels)
    assert filtered[:, 0].tolist() == [1] + [2] * (rows - 1)
    assert (unfilter_strip(filtered, channels) == pixels).all()


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("kind", [0, 3, 4, 255])
def test_other_filters_are_not_ours(place, kind):
    filtered = filter_strip(np.zeros((4, 6), np.uint8), 3)
    filtered[place, 0] = kind
    assert unfilter_strip(filtered, 3) is None


def test_floats_round_to_the_nearest_byte():
    values = np.arange(0, 256, 0.25, dtype=np.float32)
    assert (to_bytes(values / np.float32(255)) == np.rint(values).clip(0, 255)).all()


def test_more_floats_than_a_block_holds_and_any_shape():
    values = np.random.default_rng(3).random((7, 40_000, 3), dtype=np.float32)
    assert (to_bytes(values) == np.rint(values * np.float32(255))).all()


def test_numbers_that_are_none_give_black_and_those_beyond_the_ends():
    strange = np.array([np.nan, -np.nan, np.inf, -np.inf, 1e30, -1e30, -0.0], np.float32)
    strange = np.append(strange, np.array([0x7FC00055, 0xFFFFFFFF], np.uint32).view(np.float32))
    assert to_bytes(strange).tolist() == [0, 0, 255, 0, 255, 0, 0, 0, 0]


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

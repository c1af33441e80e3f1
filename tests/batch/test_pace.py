"""The pace of a walk, on which its ETA stands."""

import pytest

from datasete.batch.views import RECENT_FILES, milliseconds_per_file

HOUR = 3600.0


def told(*seconds, began=0.0):
    """The pace in seconds, of files that were done at `seconds`."""
    found = milliseconds_per_file(int(began * 1000), [int(1000 * second) for second in seconds])
    return None if found is None else found / 1000


def done_in(*seconds):
    """When files are done that take `seconds` one after the other."""
    return [sum(seconds[: number + 1]) for number in range(len(seconds))]


def test_before_a_file_is_done_there_is_no_pace():
    assert told() is None


def test_the_first_file_counts_from_the_beginning_of_the_walk():
    assert told(107, began=100) == 7


@pytest.mark.parametrize("count", [2, 3, RECENT_FILES, RECENT_FILES + 1, 3 * RECENT_FILES])
def test_even_steps_are_the_pace(count):
    assert told(*done_in(*[2] * count)) == 2


@pytest.mark.parametrize("at", range(4))
def test_an_hour_at_a_gate_does_not_count_wherever_it_falls(at):
    times = [5.0] * 4
    times[at] += HOUR
    assert told(*done_in(*times)) == 5


def test_two_pauses_among_the_last_files_do_not_count():
    times = [5.0] * RECENT_FILES
    times[3] = times[9] = HOUR
    assert told(*done_in(*times)) == 5


def test_a_model_that_the_first_file_waits_for_counts_until_there_is_a_second():
    assert told(90) == 90
    assert told(90, 95) == 5


def test_quick_and_slow_files_count_by_their_share():
    assert 25 < told(*done_in(*[1, 60] * 15)) < 31


def test_one_slow_file_in_three_is_not_forgotten():
    assert 15 < told(*done_in(*[1, 1, 60] * 10)) < 21


def test_a_walk_that_becomes_slower_is_followed():
    assert told(*done_in(*[1] * 100, *[9] * RECENT_FILES)) == 9


def test_a_night_before_the_walk_went_on_does_not_count():
    assert told(5, 10, 15, 8 * HOUR + 7, began=8 * HOUR) == 7


def test_a_clock_that_was_set_back_makes_no_negative_step():
    assert told(500, 502, 4, 6) == 2


def test_files_that_were_done_in_the_same_millisecond_tell_nothing():
    assert told(0, 0, 0) is None

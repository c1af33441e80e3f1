"""Works that are stopped before, while and after they run."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from datasete.cancellation import REMEMBERED, Stops
from datasete.errors import Conflict


def test_a_work_that_nobody_stops_goes_through() -> None:
    with Stops().running("a") as work:
        work.check()


def test_a_work_that_is_stopped_ends_at_its_next_step_and_the_other_side_hears_that_it_led_to_nothing() -> None:
    stops, begun = Stops(), threading.Event()

    def run() -> None:
        with stops.running("a") as work:
            begun.set()
            while True:
                work.check()

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(run)
        assert begun.wait(30)
        stopped = stops.stop("a", 30)
        with pytest.raises(Conflict, match="Nothing of it was kept"):
            running.result(30)
    assert stopped is not None
    assert stopped.result is None


def test_who_stops_too_late_hears_what_came_of_it() -> None:
    stops = Stops()
    with stops.running("a") as work:
        work.result = {"id": "x"}
    stopped = stops.stop("a", 0)
    assert stopped is not None
    assert stopped.result == {"id": "x"}


def test_a_work_that_was_stopped_before_it_began_does_nothing_and_the_next_attempt_goes_through() -> None:
    stops = Stops()
    stopped = stops.stop("a", 0)
    assert stopped is not None
    with pytest.raises(Conflict), stops.running("a") as work:
        work.check()
    with stops.running("a") as again:
        again.check()


def test_a_work_that_goes_on_is_not_said_to_be_over() -> None:
    stops = Stops()
    with stops.running("a"):
        assert stops.stop("a", 0) is None


def test_works_without_an_id_and_others_are_left_alone() -> None:
    stops = Stops()
    with stops.running(None) as nameless, stops.running("b") as other:
        stops.stop("a", 0)
        nameless.check()
        other.check()


def test_old_works_are_forgotten() -> None:
    stops = Stops()
    with stops.running("first") as work:
        work.result = {}
    for number in range(REMEMBERED):
        with stops.running(str(number)):
            pass
    stopped = stops.stop("first", 0)
    assert stopped is not None
    assert stopped.result is None

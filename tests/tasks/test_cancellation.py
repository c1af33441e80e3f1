"""Tasks that are cancelled before, while and after they run."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from datasete.errors import Conflict
from datasete.tasks.cancellation import MAX_REMEMBERED_TASKS, TaskRegistry


def test_a_task_that_is_not_cancelled_runs_to_its_end() -> None:
    with TaskRegistry().running("a") as task:
        task.check()


def test_a_cancelled_task_ends_at_its_next_step_and_the_canceller_learns_that_it_led_to_nothing() -> None:
    tasks, begun = TaskRegistry(), threading.Event()

    def run() -> None:
        with tasks.running("a") as task:
            begun.set()
            while True:
                task.check()

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(run)
        assert begun.wait(30)
        cancelled = tasks.cancel("a", 30)
        with pytest.raises(Conflict, match="Nothing of it was kept"):
            running.result(30)
    assert cancelled is not None
    assert cancelled.result is None


def test_a_cancel_that_comes_too_late_is_told_the_result() -> None:
    tasks = TaskRegistry()
    with tasks.running("a") as task:
        task.result = {"id": "x"}
    cancelled = tasks.cancel("a", 0)
    assert cancelled is not None
    assert cancelled.result == {"id": "x"}


def test_a_task_that_was_cancelled_before_it_started_does_nothing_and_the_next_attempt_goes_through() -> None:
    tasks = TaskRegistry()
    cancelled = tasks.cancel("a", 0)
    assert cancelled is not None
    with pytest.raises(Conflict), tasks.running("a") as task:
        task.check()
    with tasks.running("a") as again:
        again.check()


def test_a_task_that_still_runs_is_not_reported_as_ended() -> None:
    tasks = TaskRegistry()
    with tasks.running("a"):
        assert tasks.cancel("a", 0) is None


def test_tasks_without_an_id_and_other_tasks_are_left_alone() -> None:
    tasks = TaskRegistry()
    with tasks.running(None) as nameless, tasks.running("b") as other:
        tasks.cancel("a", 0)
        nameless.check()
        other.check()


def test_old_tasks_are_forgotten() -> None:
    tasks = TaskRegistry()
    with tasks.running("first") as task:
        task.result = {}
    for number in range(MAX_REMEMBERED_TASKS):
        with tasks.running(str(number)):
            pass
    cancelled = tasks.cancel("first", 0)
    assert cancelled is not None
    assert cancelled.result is None

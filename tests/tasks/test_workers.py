"""Bounded pools of threads."""

import asyncio
import os
import threading
from concurrent.futures import CancelledError
from contextvars import ContextVar

import pytest

from datasete.errors import StoreUnavailable
from datasete.tasks import workers as module
from datasete.tasks.workers import FOLDERS, RENDERING, Bulkheads, Workers


@pytest.fixture
def held():
    """A call that hangs until the test ends."""
    event = threading.Event()
    yield lambda: event.wait(60)
    event.set()


def test_calls_run_side_by_side_up_to_the_limit_and_in_order():
    barrier, seen = threading.Barrier(3), []
    with Workers(3, "three") as pool:
        assert [future.result(20) for future in [pool.submit(barrier.wait, 20) for _ in range(3)]]
    with Workers(1, "one") as pool:
        for number in range(50):
            pool.submit(seen.append, number)
    assert seen == list(range(50))


def test_an_error_reaches_the_one_who_waits_and_the_thread_goes_on():
    with Workers(1, "one") as pool:
        failing = pool.submit(int, "x")
        with pytest.raises(ValueError, match="invalid literal"):
            failing.result(20)
        assert pool.submit(int, "7").result(20) == 7
        assert pool.submit(threading.current_thread).result(20).daemon


def test_a_closed_pool_finishes_what_waits_or_drops_it_and_takes_nothing_more(held):
    seen, pool = [], Workers(1, "one")
    for number in range(5):
        pool.submit(seen.append, number)
    pool.shutdown()
    assert seen == [0, 1, 2, 3, 4]
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(int)
    pool = Workers(1, "one")
    pool.submit(held)
    waiting = pool.submit(int)
    pool.shutdown(wait=False, cancel_futures=True)
    with pytest.raises(CancelledError):
        waiting.result(20)


async def test_a_call_sees_the_context_of_its_caller():
    variable = ContextVar("variable")
    variable.set("seen")
    pool = Workers(1, "own")
    assert await pool.run(variable.get) == "seen"
    assert (await pool.run(threading.current_thread)).name.startswith("own")
    pool.shutdown()
    with pytest.raises(StoreUnavailable, match="going down"):
        await pool.run(int)


async def test_who_waits_for_a_thread_is_told_when_all_of_them_hang(held):
    pool = Workers(2, "two", "The space “far” is busy.", patience=0.05)
    hanging = [asyncio.ensure_future(pool.run(held)) for _ in range(2)]
    await asyncio.sleep(0)
    started = []
    with pytest.raises(StoreUnavailable, match="“far” is busy"):
        await pool.run(started.append, 1)
    assert not started
    for task in hanging:
        task.cancel()
    pool.shutdown(wait=False, cancel_futures=True)


async def test_a_long_queue_that_moves_is_waited_for():
    pool = Workers(1, "one", "busy", patience=0.2)
    pause = threading.Event().wait
    assert len(await asyncio.gather(*(pool.run(pause, 0.03) for _ in range(20)))) == 20


async def test_an_answer_is_waited_for_no_longer_than_asked(held):
    pool = Workers(1, "one")
    with pytest.raises(StoreUnavailable, match=r"no answer after 0\.05 seconds"):
        await pool.run(held, answer_within=0.05)
    pool.shutdown(wait=False)


async def test_a_call_whose_caller_was_cancelled_does_not_start(held):
    pool, started = Workers(1, "one"), []
    pool.submit(held)
    waiting = asyncio.ensure_future(pool.run(started.append, 1))
    await asyncio.sleep(0)
    waiting.cancel()
    pool.shutdown(wait=False)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not started


async def test_what_hangs_in_one_space_holds_up_no_other(held):
    bulkheads = Bulkheads()
    hanging = [asyncio.ensure_future(bulkheads.space("bus").run(held)) for _ in range(50)]
    for pool in (bulkheads.space("pools"), bulkheads.thumbs("bus"), bulkheads.of(RENDERING), bulkheads.of(FOLDERS)):
        assert await asyncio.wait_for(pool.run(int, "7"), 20) == 7
    assert bulkheads.space("pools") is bulkheads.space("pools")
    bulkheads.close()
    await asyncio.gather(*hanging[module.DEFAULT_THREADS :], return_exceptions=True)
    for task in hanging:
        task.cancel()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_of_a_fork_has_threads_of_its_own():
    pool = Workers(2, "two")
    assert pool.submit(int, "1").result(20) == 1
    child = os.fork()
    if child == 0:
        os._exit(pool.submit(int, "7").result(20))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    pool.shutdown()

"""The one message that a browser sends, and the future a node sleeps on."""

from __future__ import annotations

import asyncio
import threading

import pytest

from datasete.errors import InvalidInput
from datasete.gates.session import Answer, GateView, Session, read_message
from datasete.plugin import Gate


def gate(**changes: object) -> Gate:
    return Gate(
        **{"prompt_id": "p", "node_id": "7", "list_index": 0, "routes": 3, "frames": 1, "width": 4, "height": 4}
        | changes
    )


def session() -> Session:
    return Session(gate(), GateView(lambda frame, size: (b"", "image/webp")), opened=0.0)


def never() -> bool:
    return False


@pytest.mark.parametrize(("message", "route"), [("1", 1), ("10", 10), (3, 3), ("__cancel__", None)])
def test_a_message_is_a_route_or_a_stop(message: object, route: int | None) -> None:
    assert read_message(message) == route


GARBAGE = [
    "0", 0, -1, "-1", "", " 1", "1 ", "1.0", 1.5, True, None, [], {}, "one", "１", "²", "9" * 50, "__CANCEL__", "nan",
    "0x1", "1\n", b"1",
]  # fmt: skip


@pytest.mark.parametrize("message", GARBAGE, ids=repr)
def test_any_other_message_is_refused(message: object) -> None:
    with pytest.raises(InvalidInput, match="still waits"):
        read_message(message)


async def test_tokens_are_128_random_bits_and_stay_out_of_logs() -> None:
    tokens = {session().token for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(bytes.fromhex(token)) == 16 for token in tokens)
    one = session()
    assert one.token not in repr(one)


async def test_an_answer_from_another_thread_wakes_the_sleeper() -> None:
    one = session()
    sleeper = asyncio.create_task(one.answered(never, every=60))
    await asyncio.sleep(0)
    thread = threading.Thread(target=one.wake, args=(Answer(2),))
    thread.start()
    assert await sleeper == Answer(2)
    thread.join()


async def test_the_first_of_two_answers_counts() -> None:
    one = session()
    assert one.wake(Answer(1))
    assert one.wake(Answer(2))
    assert await one.answered(never, every=60) == Answer(1)


async def test_an_interrupt_ends_the_sleep_as_a_stop() -> None:
    one = session()
    looks = iter([False, False, True])
    assert (await one.answered(lambda: next(looks), every=0.001)).route is None


async def test_nobody_looks_at_the_flag_after_an_answer() -> None:
    looks: list[None] = []
    one = session()
    one.wake(Answer(1))
    await one.answered(lambda: bool(looks.append(None)), every=0.001)
    seen = len(looks)
    await asyncio.sleep(0.02)
    assert len(looks) == seen


async def test_an_error_handed_in_is_raised_in_the_sleeper() -> None:
    one = session()
    one.wake(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        await one.answered(never, every=60)


async def test_an_answer_after_a_cancelled_sleep_is_let_go() -> None:
    one = session()
    sleeper = asyncio.create_task(one.answered(never, every=60))
    await asyncio.sleep(0)
    sleeper.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeper
    one.wake(Answer(1))
    await asyncio.sleep(0)


def test_waking_a_run_whose_loop_is_gone_says_so() -> None:
    async def opened() -> Session:
        return session()

    assert asyncio.run(opened()).wake(Answer(1)) is False

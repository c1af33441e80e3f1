"""The answer that a browser sends, the future that a node sleeps on, and the masks that were painted."""

from __future__ import annotations

import asyncio
import threading

import pytest

from datasete.errors import InvalidInput
from datasete.gates import PaintedMasks
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


def test_nothing_is_painted_at_first() -> None:
    assert not PaintedMasks()
    assert (PaintedMasks().at(0), PaintedMasks().size) == (None, 0)


def test_a_mask_for_all_frames_is_every_frames() -> None:
    painted = PaintedMasks().with_mask(b"all")
    assert painted
    assert [painted.at(frame) for frame in range(3)] == [b"all"] * 3


def test_a_frames_own_mask_wins_whenever_it_was_painted_after_the_one_for_all() -> None:
    painted = PaintedMasks().with_mask(b"all").with_mask(b"own", 1)
    assert [painted.at(frame) for frame in range(3)] == [b"all", b"own", b"all"]


def test_a_mask_for_all_frames_replaces_those_of_single_ones() -> None:
    painted = PaintedMasks().with_mask(b"own", 1).with_mask(b"all")
    assert [painted.at(frame) for frame in range(2)] == [b"all", b"all"]


def test_frames_that_were_not_painted_have_none() -> None:
    painted = PaintedMasks().with_mask(b"own", 1)
    assert painted
    assert [painted.at(frame) for frame in range(3)] == [None, b"own", None]


def test_a_mask_can_be_taken_away_again() -> None:
    both = PaintedMasks().with_mask(b"all").with_mask(b"own", 1)
    assert both.with_mask(None, 1).at(1) == b"all"
    assert not both.with_mask(None)
    assert both.at(1) == b"own"  # what was handed out does not change


def test_its_size_is_that_of_all_masks() -> None:
    assert PaintedMasks().with_mask(b"12345").with_mask(b"123", 0).with_mask(b"12", 0).size == 7


def test_masks_do_not_show_up_in_logs() -> None:
    assert "secret" not in repr(PaintedMasks(b"secret", {0: b"secret"}))

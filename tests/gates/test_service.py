"""Opening, listing, answering and ending gates."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial

import pytest
from gate_house import House, Listener, gate, preview

from datasete.errors import Conflict, InvalidInput, NotFound, TooLarge
from datasete.gates import Gates, GateView, PaintedMasks, Session


async def test_a_second_answer_is_too_late(house: House) -> None:
    run = await house.ask()
    token = house.tokens()[0]
    house.gates.choose(1, token=token)
    for late in ({"token": token}, {"node_id": "7"}, {"node_id": "7", "token": token}):
        with pytest.raises(Conflict, match="not open any more"):
            house.gates.choose(2, **late)
    assert (await run).route == 1


@pytest.mark.parametrize("route", [4, 10, 9999])
async def test_a_route_that_is_not_there_is_refused_and_the_gate_still_waits(house: House, route: int) -> None:
    run = await house.ask(routes=3)
    with pytest.raises(InvalidInput, match="3 routes"):
        house.gates.choose(route, node_id="7")
    house.gates.choose(3, node_id="7")
    assert (await run).route == 3


async def test_a_stop_ends_every_gate_of_its_run_and_no_other(house: House) -> None:
    mine = [await house.ask("7", list_index=index) for index in range(3)] + [await house.ask("8")]
    other = await house.ask("7", prompt_id="q")
    house.gates.choose(None, token=house.tokens()[1])
    assert [(await run).route for run in mine] == [None] * 4
    await asyncio.sleep(0)
    assert not other.done()
    closed = house.listener.events("datasete-gate-closed")
    assert {(event["reason"], event["by"]) for event in closed} == {("stopped", "7")}
    assert house.listener.answered == [(gate("7", list_index=1), None)]


async def test_a_cancelled_run_takes_its_gate_with_it(house: House) -> None:
    run = await house.ask()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert len(house.gates) == 0
    assert house.listener.events("datasete-gate-closed")[0]["reason"] == "ended"
    assert house.listener.answered == []


async def test_an_interrupt_stops_every_open_gate(house: House) -> None:
    runs = [await house.ask(str(node)) for node in range(3)]
    house.interrupted = True
    assert [(await run).route for run in runs] == [None] * 3
    assert len(house.gates) == 0
    assert {event["reason"] for event in house.listener.events("datasete-gate-closed")} == {"interrupted"}


async def test_a_failed_item_ends_its_siblings_with_its_error(house: House) -> None:
    siblings, stranger = [await house.ask(list_index=index) for index in range(2)], await house.ask("8")
    house.gates.abandon("p", "7", NotFound("The disk is gone."))
    for run in siblings:
        with pytest.raises(NotFound, match="disk is gone"):
            await run
    await asyncio.sleep(0)
    assert not stranger.done()


async def test_closing_down_ends_every_gate(house: House) -> None:
    runs = [await house.ask(prompt_id=str(number)) for number in range(3)]
    house.gates.close()
    assert [(await run).route for run in runs] == [None] * 3
    assert {event["reason"] for event in house.listener.events("datasete-gate-closed")} == {"shutdown"}


async def test_a_mask_painted_at_a_gate_comes_with_its_answer_alone(house: House) -> None:
    one, other = await house.ask("7"), await house.ask("8")
    first, second = house.tokens()
    house.gates.attach_mask(first, b"old")
    house.gates.attach_mask(first, b"mask")
    house.gates.choose(1, token=first)
    house.gates.choose(1, token=second)
    assert ((await one).mask, (await other).mask) == (PaintedMasks(b"mask"), PaintedMasks())
    with pytest.raises(Conflict):
        house.gates.attach_mask(first, b"late")


async def test_masks_are_kept_by_frame(house: House) -> None:
    run = await house.ask(frames=3)
    [token] = house.tokens()
    house.gates.attach_mask(token, b"all")
    assert house.gates.pending()[0]["masks_differ"] is False
    house.gates.attach_mask(token, b"own", 2)
    assert house.gates.pending()[0]["masks_differ"] is True
    house.gates.choose(1, token=token)
    mask = (await run).mask
    assert [mask.at(frame) for frame in range(3)] == [b"all", b"all", b"own"]


@pytest.mark.parametrize("frame", [-1, 3, 1000])
async def test_a_mask_for_a_frame_that_is_not_there_is_refused(house: House, frame: int) -> None:
    await house.ask(frames=3)
    [token] = house.tokens()
    with pytest.raises(InvalidInput, match="3 frames"):
        house.gates.attach_mask(token, b"mask", frame)
    assert house.gates.pending()[0]["masked"] is False


async def test_the_masks_of_a_gate_take_no_more_room_than_they_may(house: House) -> None:
    await house.ask(frames=3)
    [token] = house.tokens()
    house.gates.attach_mask(token, b"x" * 6, 0, max_bytes=10)
    with pytest.raises(TooLarge):
        house.gates.attach_mask(token, b"x" * 6, 1, max_bytes=10)
    assert [house.gates.find(token).mask.at(frame) for frame in range(2)] == [b"x" * 6, None]
    house.gates.attach_mask(token, b"y" * 9, 0, max_bytes=10)


async def test_previews_are_rendered_while_the_gate_is_open_and_no_longer(house: House) -> None:
    run = await house.ask()
    [token] = house.tokens()
    assert house.gates.find(token).view.preview(1, 256) == (b"1@256", "image/webp")
    house.gates.choose(1, token=token)
    await run
    with pytest.raises(NotFound, match="not open any more"):
        house.gates.find(token)


def _race(calls: list[Callable[[], None]]) -> list[BaseException | None]:
    """Run calls at once, each on a thread of its own; return what each raised."""
    barrier = threading.Barrier(len(calls))
    outcomes: list[BaseException | None] = [None] * len(calls)

    def run(index: int) -> None:
        barrier.wait()
        try:
            calls[index]()
        except Conflict as error:
            outcomes[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


async def test_of_many_answers_at_once_exactly_one_wins(house: House) -> None:
    for _ in range(50):
        run = await house.ask()
        [token] = house.tokens()
        calls = [partial(house.gates.choose, route, token=token) for route in (1, 2, 3, None)]
        outcomes = await asyncio.to_thread(_race, calls)
        assert outcomes.count(None) == 1
        assert (await run).route == (1, 2, 3, None)[outcomes.index(None)]


async def test_answers_that_race_the_end_of_the_run_are_heard_or_refused(house: House) -> None:
    for _ in range(50):
        run = await house.ask()
        calls = [partial(house.gates.choose, 1, token=house.tokens()[0])]
        racing = asyncio.create_task(asyncio.to_thread(_race, calls))
        await asyncio.sleep(0)
        run.cancel()
        [outcome] = await asyncio.gather(run, return_exceptions=True)
        [refused] = await racing
        assert isinstance(outcome, asyncio.CancelledError) or (outcome.route == 1 and refused is None)
        assert len(house.gates) == 0


def test_a_gate_whose_loop_died_without_a_word_is_reported_gone() -> None:
    listener = Listener()
    gates = Gates(listener.send, listener)

    async def open_and_forget() -> None:
        gates.open(Session(gate(), GateView(preview), 0.0))

    asyncio.run(open_and_forget())
    with pytest.raises(Conflict):
        gates.choose(1, node_id="7")
    assert len(gates) == 0

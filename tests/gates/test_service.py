"""Opening, listing, answering and ending gates."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import Any

import pytest

from datasete.errors import Conflict, InvalidInput, NotFound, TooLarge
from datasete.gates import Answer, Gates, GateView, PaintedMasks, Session
from datasete.plugin import Decision, Gate


class Listener:
    """Everything that browsers and observers were told, in order."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any], str | None]] = []
        self.opened: list[Gate] = []
        self.answered: list[tuple[Gate, int | None]] = []
        self.decisions: list[Decision | None] = []

    def send(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        self.sent.append((event, dict(data), client_id))

    def gate_opened(self, gate: Gate) -> None:
        self.opened.append(gate)

    def gate_answered(self, gate: Gate, route: int | None, decision: Decision | None = None) -> None:
        self.answered.append((gate, route))
        self.decisions.append(decision)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [data for event, data, _ in self.sent if event == name]


def gate(
    node_id: str = "7", prompt_id: str = "p", list_index: int = 0, routes: int = 3, slot: str = "", frames: int = 2
) -> Gate:
    return Gate(prompt_id, node_id, list_index, routes, frames, width=40, height=30, slot=slot)


def preview(frame: int, size: int) -> tuple[bytes, str]:
    return f"{frame}@{size}".encode(), "image/webp"


class House:
    """Gates with a listener, and runs that wait at them."""

    def __init__(self) -> None:
        self.listener = Listener()
        self.now = 1000.0
        self.gates = Gates(self.listener.send, self.listener, clock=lambda: self.now)
        self.interrupted = False
        self.tasks: list[asyncio.Task[Answer]] = []

    async def ask(self, *args: Any, client: str | None = "tab", **kwargs: Any) -> asyncio.Task[Answer]:
        task = asyncio.create_task(
            self.gates.ask(gate(*args, **kwargs), GateView(preview, client), lambda: self.interrupted)
        )
        self.tasks.append(task)
        await asyncio.sleep(0)
        return task

    def tokens(self) -> list[str]:
        return [entry["token"] for entry in self.gates.pending()]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)
    assert len(made.gates) == 0


async def test_a_choice_by_token_is_what_the_run_gets(house: House) -> None:
    run = await house.ask()
    house.gates.choose(2, token=house.tokens()[0])
    assert (await run).route == 2


async def test_a_choice_without_a_token_answers_the_gate_of_that_node(house: House) -> None:
    one, other = await house.ask("7"), await house.ask("4:2")
    house.gates.choose(1, node_id="4:2")
    assert (await other).route == 1
    assert not one.done()


async def test_a_second_answer_is_too_late(house: House) -> None:
    run = await house.ask()
    token = house.tokens()[0]
    house.gates.choose(1, token=token)
    for late in ({"token": token}, {"node_id": "7"}, {"node_id": "7", "token": token}):
        with pytest.raises(Conflict, match="not open any more"):
            house.gates.choose(2, **late)
    assert (await run).route == 1


async def test_a_guessed_token_is_refused_and_nothing_changes(house: House) -> None:
    run = await house.ask()
    for guess in ("0" * 32, "x", house.tokens()[0][:-1], house.tokens()[0].upper() + " "):
        with pytest.raises(Conflict):
            house.gates.choose(1, node_id="7", token=guess)
    assert not run.done()
    assert len(house.gates) == 1


async def test_a_token_with_another_nodes_id_is_refused(house: House) -> None:
    await house.ask("7")
    with pytest.raises(InvalidInput, match="another node"):
        house.gates.choose(1, node_id="8", token=house.tokens()[0])
    assert len(house.gates) == 1


@pytest.mark.parametrize("route", [4, 10, 9999])
async def test_a_route_that_is_not_there_is_refused_and_the_gate_still_waits(house: House, route: int) -> None:
    run = await house.ask(routes=3)
    with pytest.raises(InvalidInput, match="3 routes"):
        house.gates.choose(route, node_id="7")
    house.gates.choose(3, node_id="7")
    assert (await run).route == 3


async def test_two_runs_at_one_node_need_a_token(house: House) -> None:
    one, other = await house.ask(prompt_id="p"), await house.ask(prompt_id="q")
    with pytest.raises(Conflict, match="Two runs wait"):
        house.gates.choose(1, node_id="7")
    first, second = house.tokens()
    house.gates.choose(2, token=second)
    house.gates.choose(1, node_id="7")
    assert ((await one).route, (await other).route) == (1, 2)
    assert first != second


async def test_open_gates_can_be_answered_in_reverse_order(house: House) -> None:
    runs = [await house.ask(str(node)) for node in range(5)]
    for node in reversed(range(5)):
        house.gates.choose(node % 3 + 1, node_id=str(node))
    assert [(await run).route for run in runs] == [1, 2, 3, 1, 2]


async def test_a_stop_ends_every_gate_of_its_run_and_no_other(house: House) -> None:
    mine = [await house.ask("7", list_index=index) for index in range(3)] + [await house.ask("8")]
    other = await house.ask("7", prompt_id="q")
    house.gates.choose(None, token=house.tokens()[1])
    assert [(await run).route for run in mine] == [None] * 4
    await asyncio.sleep(0)
    assert not other.done()
    assert {event["reason"] for event in house.listener.events("datasete-gate-closed")} == {"stopped"}
    assert house.listener.answered == [(gate("7", list_index=1), None)]


async def test_items_of_a_list_are_shown_one_at_a_time_oldest_first(house: House) -> None:
    runs = [await house.ask(list_index=index) for index in range(3)]
    shown = house.listener.events("datasete-gate-show")
    assert [event["list_index"] for event in shown] == [0]
    assert [entry["shown"] for entry in house.gates.pending()] == [True, False, False]
    for index, run in enumerate(runs):
        house.gates.choose(index + 1, node_id="7")
        assert (await run).route == index + 1
    assert [event["list_index"] for event in house.listener.events("datasete-gate-show")] == [0, 1, 2]


async def test_the_tab_that_queued_the_run_is_shown_the_gate_and_no_other_learns_its_token(house: House) -> None:
    await house.ask(client="tab")
    [token] = house.tokens()
    show = next(entry for entry in house.listener.sent if entry[0] == "datasete-gate-show")
    assert show[2] == "tab"
    assert show[1] | {"id": "7", "routes": 3, "frames": 2, "width": 40, "height": 30} == show[1]
    assert show[1]["preview"] == f"/datasete_gate/preview/{token}/0"
    assert [(event, data) for event, data, client in house.listener.sent if client is None] == [
        ("datasete-gates-changed", {})
    ]


async def test_a_run_without_a_tab_tells_everyone_only_that_the_list_changed(house: House) -> None:
    await house.ask(client=None)
    assert house.listener.sent == [("datasete-gates-changed", {}, None)]


async def test_a_closed_gate_is_announced_with_its_reason(house: House) -> None:
    run = await house.ask()
    [token] = house.tokens()
    house.gates.choose(1, token=token)
    await run
    assert house.listener.events("datasete-gate-closed") == [{"id": "7", "token": token, "reason": "answered"}]
    assert house.listener.sent[-1][0] == "datasete-gates-changed"


async def test_observers_hear_of_both_ends(house: House) -> None:
    run = await house.ask(slot="cp1")
    house.gates.choose(2, node_id="7")
    await run
    assert house.listener.opened == [gate(slot="cp1")]
    assert house.listener.answered == [(gate(slot="cp1"), 2)]


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


async def test_who_looks_on_hears_that_something_was_painted(house: House) -> None:
    await house.ask()
    before = len(house.listener.events("datasete-gates-changed"))
    house.gates.attach_mask(house.tokens()[0], b"mask")
    assert len(house.listener.events("datasete-gates-changed")) > before


async def test_a_late_visitor_finds_every_open_gate(house: House) -> None:
    run = asyncio.create_task(
        house.gates.ask(gate(slot="cp1"), GateView(preview, "tab", "a-workflow", 940.0), lambda: False)
    )
    house.tasks.append(run)
    await asyncio.sleep(0)
    house.now = 1010.0
    [entry] = house.gates.pending("tab")
    assert entry == {
        "id": "7",
        "token": house.tokens()[0],
        "routes": 3,
        "frames": 2,
        "width": 40,
        "height": 30,
        "preview": f"/datasete_gate/preview/{entry['token']}/0",
        "prompt_id": "p",
        "list_index": 0,
        "workflow": "a-workflow",
        "opened": 1000.0,
        "elapsed": 10.0,
        "slot": "cp1",
        "slot_age": 70.0,
        "masked": False,
        "masks_differ": False,
        "policy": None,
        "batch": None,
        "list": None,
        "trouble": None,
        "shown": True,
        "own": True,
    }
    assert [entry["own"] for entry in house.gates.pending("another tab") + house.gates.pending()] == [False, False]


async def test_previews_are_rendered_while_the_gate_is_open_and_no_longer(house: House) -> None:
    run = await house.ask()
    [token] = house.tokens()
    assert house.gates.find(token).view.preview(1, 256) == (b"1@256", "image/webp")
    house.gates.choose(1, token=token)
    await run
    with pytest.raises(NotFound, match="not open any more"):
        house.gates.find(token)


async def test_a_message_that_cannot_be_sent_costs_no_run(caplog: pytest.LogCaptureFixture) -> None:
    listener = Listener()

    def broken(event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        raise OSError("the socket is gone")

    gates = Gates(broken, listener)
    run = asyncio.create_task(gates.ask(gate(), GateView(preview), lambda: False))
    await asyncio.sleep(0)
    gates.choose(1, node_id="7")
    assert (await run).route == 1
    assert "could not be sent" in caplog.text


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
        gates._enter(Session(gate(), GateView(preview), 0.0))

    asyncio.run(open_and_forget())
    with pytest.raises(Conflict):
        gates.choose(1, node_id="7")
    assert len(gates) == 0

"""Gates that a policy answers when no person is faster."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from gate_house import House

from datasete.errors import Conflict
from datasete.gates import Answer
from datasete.plugin import Decision, Gate

LONG = 3600.0
TIMEOUT_SECONDS = 30


class PolicyHouse(House):
    """Gates whose policy is what a test puts into `decide`."""

    def __init__(self) -> None:
        super().__init__(self.policy)
        self.asked: list[tuple[Gate, str]] = []
        self.decide: Callable[[Gate], Decision | None] = lambda gate: None

    @property
    def answered(self) -> list[tuple[str, int | None, Decision | None]]:
        answers = zip(self.listener.answered, self.listener.decisions, strict=True)
        return [(gate.node_id, route, decision) for (gate, route), decision in answers]

    def policy(self, gate: Gate) -> Decision | None:
        self.asked.append((gate, threading.current_thread().name))
        return self.decide(gate)

    async def until(self, condition: Callable[[], object]) -> None:
        async def watch() -> None:
            while not condition():
                await asyncio.sleep(0.001)

        await asyncio.wait_for(watch(), TIMEOUT_SECONDS)

    async def counting(self, *args: Any, **kwargs: Any) -> asyncio.Task[Answer]:
        """Open a gate and wait until its countdown runs."""
        run = await self.ask(*args, **kwargs)
        await self.until(lambda: self.gates.pending()[-1]["policy"])
        return run

    def events(self, name: str) -> list[dict[str, Any]]:
        return self.listener.events(name)


@pytest.fixture
async def house() -> AsyncIterator[PolicyHouse]:
    made = PolicyHouse()
    yield made
    await made.close()


async def test_a_decision_for_at_once_answers_with_nobody_there(house: PolicyHouse) -> None:
    house.decide = lambda gate: Decision(3)
    run = await house.ask(client=None)
    assert (await asyncio.wait_for(run, TIMEOUT_SECONDS)).route == 3
    assert [event["reason"] for event in house.events("datasete-gate-closed")] == ["policy"]


async def test_a_countdown_ends_in_its_route_and_with_what_was_painted_before(house: PolicyHouse) -> None:
    house.decide = lambda gate: Decision(2, 0.01, "Nobody came.")
    answer = await asyncio.wait_for(await house.ask(), TIMEOUT_SECONDS)
    assert (answer.route, bool(answer.mask)) == (2, False)


async def test_a_policy_is_asked_once_about_each_gate_off_the_runs_loop(house: PolicyHouse) -> None:
    runs = [await house.ask(str(node)) for node in range(3)]
    await house.until(lambda: len(house.asked) == 3)
    assert sorted(asked.node_id for asked, _ in house.asked) == ["0", "1", "2"]
    assert threading.current_thread().name not in {thread for _, thread in house.asked}
    for node in range(3):
        house.gates.choose(1, node_id=str(node))
    await asyncio.gather(*runs)
    assert len(house.asked) == 3


async def test_the_countdown_is_shown_and_listed(house: PolicyHouse) -> None:
    house.decide = lambda gate: Decision(2, LONG, "Nobody came.")
    await house.counting()
    wanted = {"route": 2, "at": 1000.0 + LONG, "left": LONG, "reason": "Nobody came."}
    assert [event["policy"] for event in house.events("datasete-gate-show")] == [None, wanted]
    house.now += 5
    assert house.gates.pending()[0]["policy"] == wanted | {"left": LONG - 5}
    assert house.listener.sent[-1] == ("datasete-gates-changed", {}, None)


async def test_a_person_is_faster_than_the_timer(house: PolicyHouse) -> None:
    house.decide = lambda gate: Decision(2, LONG)
    run = await house.counting()
    house.gates.choose(1, node_id="7")
    assert (await run).route == 1
    assert house.events("datasete-gate-closed")[0]["reason"] == "answered"
    assert house.answered == [("7", 1, None)]


async def test_of_a_person_and_a_timer_at_the_same_time_exactly_one_wins(house: PolicyHouse) -> None:
    house.decide = lambda gate: Decision(2, 0.001)
    for _ in range(50):
        run = await house.ask()
        [token] = [entry["token"] for entry in house.gates.pending()]
        try:
            await asyncio.to_thread(house.gates.choose, 1, token=token)
            wanted = 1
        except Conflict:
            wanted = 2
        assert (await run).route == wanted
        assert len(house.answered) == len(house.events("datasete-gate-closed"))
    assert len(house.answered) == 50


async def test_a_gate_is_shown_and_answered_while_a_policy_thinks(house: PolicyHouse) -> None:
    thinking = threading.Event()

    def slow(gate: Gate) -> Decision:
        thinking.wait(TIMEOUT_SECONDS)
        return Decision(2)

    house.decide = slow
    slow_runs = [await house.ask(str(node)) for node in range(40)]
    assert len(house.events("datasete-gate-show")) == 40
    for node in range(40):
        house.gates.choose(1, node_id=str(node))
    assert {(await run).route for run in slow_runs} == {1}
    thinking.set()
    await house.until(lambda: not any(thread.name == "datasete-policy" for thread in threading.enumerate()))
    assert [route for _, route, _ in house.answered] == [1] * 40


@pytest.mark.parametrize("decision", [None, Decision(None, 0.0, "Look at this one.")])
async def test_a_gate_without_a_route_to_take_waits(house: PolicyHouse, decision: Decision | None) -> None:
    house.decide = lambda gate: decision
    run = await house.ask()
    await house.until(lambda: not any(thread.name == "datasete-policy" for thread in threading.enumerate()))
    await asyncio.sleep(0)
    assert not run.done()
    assert house.gates.pending()[0]["policy"] is None


async def test_an_automatic_answer_is_one_log_line_and_observers_get_the_decision(
    house: PolicyHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house.decide = lambda gate: Decision(2, 0.0, "Nobody came.")
    with caplog.at_level(logging.INFO, "datasete"):
        await asyncio.wait_for(await house.ask(), TIMEOUT_SECONDS)
    assert [record.getMessage() for record in caplog.records] == [
        "A policy sent gate 7 of run p to route 2. Nobody came."
    ]
    assert house.answered == [("7", 2, Decision(2, 0.0, "Nobody came."))]


async def test_each_item_of_a_list_has_its_own_countdown_from_when_it_is_shown(house: PolicyHouse) -> None:
    house.decide = lambda gate: Decision(2, LONG)
    runs = [await house.ask(list_index=index) for index in range(3)]
    await house.until(lambda: len(house.asked) == 3 and house.gates.pending()[0]["policy"])
    assert [bool(entry["policy"]) for entry in house.gates.pending()] == [True, False, False]
    await house.until(lambda: not any(thread.name == "datasete-policy" for thread in threading.enumerate()))
    house.now = 1100.0
    house.gates.choose(1, node_id="7")
    [second, third] = house.gates.pending()
    assert (second["policy"]["at"], third["policy"]) == (1100.0 + LONG, None)
    assert house.events("datasete-gate-show")[-1]["policy"] == second["policy"]
    assert (await runs[0]).route == 1


async def test_a_list_that_nobody_attends_goes_through_in_order(house: PolicyHouse) -> None:
    house.decide = lambda gate: Decision(gate.list_index % 3 + 1)
    runs = [await house.ask(list_index=index) for index in range(20)]
    answers = await asyncio.wait_for(asyncio.gather(*runs), TIMEOUT_SECONDS)
    assert [answer.route for answer in answers] == [index % 3 + 1 for index in range(20)]


async def test_a_cancelled_countdown_never_comes_back(house: PolicyHouse) -> None:
    house.decide = lambda gate: Decision(2, 0.5)
    run = await house.counting()
    house.gates.cancel_countdown(node_id="7")
    assert house.gates.pending()[0]["policy"] is None
    assert house.events("datasete-gate-show")[-1]["policy"] is None
    await asyncio.sleep(0.6)
    assert not run.done()
    house.gates.choose(1, node_id="7")
    assert (await run).route == 1


async def test_painting_cancels_the_countdown(house: PolicyHouse) -> None:
    house.decide = lambda gate: Decision(2, LONG)
    run = await house.counting()
    house.gates.attach_mask(str(house.gates.pending()[0]["token"]), b"mask")
    [entry] = house.gates.pending()
    assert (entry["policy"], entry["masked"]) == (None, True)
    assert not run.done()


async def test_a_decision_that_comes_after_the_countdown_was_cancelled_is_too_late(house: PolicyHouse) -> None:
    thinking = threading.Event()
    house.decide = lambda gate: Decision(2) if thinking.wait(TIMEOUT_SECONDS) else None
    run = await house.ask()
    house.gates.cancel_countdown(node_id="7")
    thinking.set()
    await house.until(lambda: not any(thread.name == "datasete-policy" for thread in threading.enumerate()))
    await asyncio.sleep(0)
    assert not run.done()


async def test_the_countdown_of_a_closed_gate_cannot_be_cancelled(house: PolicyHouse) -> None:
    with pytest.raises(Conflict):
        house.gates.cancel_countdown(node_id="7")


async def test_a_run_that_ends_takes_its_countdown_with_it(house: PolicyHouse) -> None:
    house.decide = lambda gate: Decision(2, 0.5)
    run = await house.counting()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await asyncio.sleep(0.6)
    assert [event["reason"] for event in house.events("datasete-gate-closed")] == ["ended"]
    assert house.answered == []

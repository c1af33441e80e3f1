"""What browsers and observers receive about gates."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from gate_house import House, Listener, gate, preview

from datasete.gates import Gates, GateView


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
        "display": "7",
        "title": "",
        "labels": [],
        "opened": 1000.0,
        "elapsed": 10.0,
        "slot": "cp1",
        "slot_age": 70.0,
        "masked": False,
        "paintings": 0,
        "tinted": False,
        "masks_differ": False,
        "policy": None,
        "batch": None,
        "list": None,
        "trouble": None,
        "shown": True,
        "own": True,
    }
    assert [entry["own"] for entry in house.gates.pending("another tab") + house.gates.pending()] == [False, False]


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

"""The page loses its server while a gate waits, and shows what is true as soon as it is back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from browser_desk import Desk
from browser_flows import gated
from playwright.sync_api import Route, expect

PENDING = "**/datasete_gate/pending*"
CLOSE = "() => app.api.socket.close()"


@contextmanager
def away(desk: Desk, way: str) -> Iterator[None]:
    """While the network is gone; the socket notices at once, or (``network``) has nobody to tell."""
    desk.page.context.set_offline(True)
    try:
        if way == "socket":
            desk.evaluate(CLOSE)
            desk.until("() => app.api.socket?.readyState !== WebSocket.OPEN")
        yield
    finally:
        desk.page.context.set_offline(False)


@pytest.mark.parametrize("way", ["socket", "network"])
def test_an_answer_from_elsewhere_is_noticed(desk: Desk, second_tab: Desk, way: str) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    second_tab.load(flow)
    with away(desk, way):
        second_tab.choose(2, flow.gate)
        assert second_tab.ran(run) == {flow.previews[1]}
    gate = desk.idle(flow.gate)
    expect(gate.locator(".ds-gate-status")).to_have_text(
        "No longer waiting" if way == "socket" else "Answered elsewhere"
    )
    desk.until("() => !document.title.includes('waits')")


@pytest.mark.parametrize("way", ["socket", "network"])
def test_a_gate_that_opened_meanwhile_is_shown(desk: Desk, second_tab: Desk, way: str) -> None:
    flow = gated()
    desk.load(flow)
    second_tab.load(flow)
    with away(desk, way):
        run = second_tab.queue()
        second_tab.waiting(flow.gate)
    desk.choose(1, flow.gate)
    assert desk.ran(run) == {flow.previews[0]}


def test_one_gate_for_another(desk: Desk, second_tab: Desk) -> None:
    flow = gated()
    desk.load(flow)
    second_tab.load(flow)
    first, second = desk.queue(), second_tab.queue()
    desk.waiting(flow.gate)
    before = desk.server.pending()[0]["token"]
    with away(desk, "socket"):
        second_tab.choose(2, flow.gate)
        assert second_tab.ran(first) == {flow.previews[1]}
        desk.wait(lambda: [gate["token"] for gate in desk.server.pending()] not in ([], [before]), "the second gate")
        [waiting] = desk.server.pending()
    source = "token => document.querySelector('.ds-gate-open .ds-gate-picture')?.src.includes(token)"
    desk.until(source, waiting["token"])
    desk.choose(1, flow.gate)
    assert desk.ran(second) == {flow.previews[0]}


def test_an_answer_given_without_a_server_is_not_lost(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    gate = desk.waiting(flow.gate)
    with desk.in_one_moment():
        with away(desk, "socket"):
            gate.locator("button[data-route='2']").click()
            expect(desk.toast("The gate is still open on the server. Try again in a moment.")).to_be_visible()
            expect(gate.locator("button[data-route='2']")).to_be_enabled()
        gate.locator("button[data-route='2']").click()  # of the same picture: no double press
    assert desk.ran(run) == {flow.previews[1]}


def test_a_question_without_an_answer_is_put_again(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    lost: list[Route] = []
    desk.page.route(PENDING, lambda route: (lost.append(route), route.abort()))
    try:
        with away(desk, "socket"):
            [waiting] = desk.server.pending()
            desk.server.post("/datasete_gate/choice", {"id": waiting["id"], "token": waiting["token"], "message": 1})
            desk.finished(run)
        desk.wait(lambda: len(lost) > 2, "questions that get lost after the connection is there again")
    finally:
        desk.page.unroute(PENDING)
    desk.idle(flow.gate)

"""The page loses its server while a gate waits, and shows what is true as soon as it is back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from browser_flows import gated
from browser_page import ComfyPage
from playwright.sync_api import Route, expect

PENDING = "**/datasete_gate/pending*"
CLOSE = "() => app.api.socket.close()"


@contextmanager
def away(comfy: ComfyPage, way: str) -> Iterator[None]:
    """While the network is gone; the socket notices at once, or (``network``) has nobody to tell."""
    comfy.page.context.set_offline(True)
    try:
        if way == "socket":
            comfy.evaluate(CLOSE)
            comfy.until("() => app.api.socket?.readyState !== WebSocket.OPEN")
        yield
    finally:
        comfy.page.context.set_offline(False)


@pytest.mark.parametrize("way", ["socket", "network"])
def test_an_answer_from_elsewhere_is_noticed(comfy: ComfyPage, second_tab: ComfyPage, way: str) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    second_tab.load(flow)
    with away(comfy, way):
        second_tab.choose(2, flow.gate)
        assert second_tab.ran(run) == {flow.previews[1]}
    gate = comfy.idle(flow.gate)
    expect(gate.locator(".ds-gate-status")).to_have_text(
        "No longer waiting" if way == "socket" else "Answered elsewhere"
    )
    comfy.until("() => !document.title.includes('●')")


@pytest.mark.parametrize("way", ["socket", "network"])
def test_a_gate_that_opened_meanwhile_is_shown(comfy: ComfyPage, second_tab: ComfyPage, way: str) -> None:
    flow = gated()
    comfy.load(flow)
    second_tab.load(flow)
    with away(comfy, way):
        run = second_tab.queue()
        second_tab.waiting(flow.gate)
    comfy.choose(1, flow.gate)
    assert comfy.ran(run) == {flow.previews[0]}


def test_one_gate_for_another(comfy: ComfyPage, second_tab: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    second_tab.load(flow)
    first, second = comfy.queue(), second_tab.queue()
    comfy.waiting(flow.gate)
    before = comfy.server.pending()[0]["token"]
    with away(comfy, "socket"):
        second_tab.choose(2, flow.gate)
        assert second_tab.ran(first) == {flow.previews[1]}
        comfy.wait(lambda: [gate["token"] for gate in comfy.server.pending()] not in ([], [before]), "the second gate")
        [waiting] = comfy.server.pending()
    source = "token => document.querySelector('.ds-gate-open .ds-gate-picture')?.src.includes(token)"
    comfy.until(source, waiting["token"])
    comfy.choose(1, flow.gate)
    assert comfy.ran(second) == {flow.previews[0]}


def test_an_answer_given_without_a_server_is_not_lost(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    with comfy.in_one_moment():
        with away(comfy, "socket"):
            gate.locator("button[data-route='2']").click()
            expect(comfy.toast("The gate is still open on the server. Try again in a moment.")).to_be_visible()
            expect(gate.locator("button[data-route='2']")).to_be_enabled()
        gate.locator("button[data-route='2']").click()  # of the same picture: no double press
    assert comfy.ran(run) == {flow.previews[1]}


def test_a_question_without_an_answer_is_put_again(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    lost: list[Route] = []
    comfy.page.route(PENDING, lambda route: (lost.append(route), route.abort()))
    try:
        with away(comfy, "socket"):
            [waiting] = comfy.server.pending()
            comfy.server.post("/datasete_gate/choice", {"id": waiting["id"], "token": waiting["token"], "message": 1})
            comfy.finished(run)
        comfy.wait(lambda: len(lost) > 2, "questions that get lost after the connection is there again")
    finally:
        comfy.page.unroute(PENDING)
    comfy.idle(flow.gate)

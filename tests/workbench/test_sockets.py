"""Messages to tabs."""

import asyncio
import json

import pytest

from datasete.workbench import sockets as module
from datasete.workbench.sockets import Sockets


class Tab:
    """A websocket that keeps what it is sent; a sleeping one accepts nothing until it wakes."""

    def __init__(self, fault=None, *, awake=True):
        self.texts, self.fault = asyncio.Queue(), fault
        self.awake, self.closed = asyncio.Event(), asyncio.Event()
        self.cut = False
        if awake:
            self.awake.set()

    async def send_str(self, text):
        if self.fault:
            raise self.fault
        await self.awake.wait()
        self.texts.put_nowait(json.loads(text)["type"])

    async def close(self, **_):
        await self.awake.wait()
        self.closed.set()

    def abort(self):
        self.cut = True

    async def next(self):
        return await asyncio.wait_for(self.texts.get(), 20)


@pytest.fixture
def sockets():
    return Sockets()


def join(sockets, client_id, tab):
    sockets.serve(asyncio.get_running_loop())
    return sockets.open(client_id, tab, tab.abort)


async def test_a_message_that_cannot_be_sent_is_not_the_last(sockets, caplog):
    good = Tab()
    join(sockets, "bad", Tab(ValueError("odd")))
    join(sockets, "good", good)
    sockets.send("one", {}, "bad")
    sockets.send("two", {}, "unknown")
    sockets.send("three", {}, "good")
    assert await good.next() == "three"
    assert caplog.text.count("A message to a tab was dropped.") == 1
    await sockets.close()


async def test_a_tab_that_sleeps_holds_up_no_other(sockets):
    asleep, awake = Tab(awake=False), Tab()
    join(sockets, "asleep", asleep)
    join(sockets, "awake", awake)
    for number in range(20):
        sockets.send(f"event {number}", {})
    assert [await awake.next() for _ in range(20)] == [f"event {number}" for number in range(20)]
    assert not asleep.cut
    asleep.awake.set()
    assert [await asleep.next() for _ in range(20)] == [f"event {number}" for number in range(20)]
    await sockets.close()


async def test_a_tab_that_reads_nothing_for_long_is_disconnected_and_known_when_it_returns(sockets, monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING_MESSAGES", 5)
    asleep, awake = Tab(awake=False), Tab()
    assert not join(sockets, "asleep", asleep)
    join(sockets, "awake", awake)
    for number in range(10):
        sockets.send(f"event {number}", {})
        assert await awake.next() == f"event {number}"
    assert asleep.cut
    again = Tab()
    assert join(sockets, "asleep", again)
    sockets.send("later", {})
    assert await again.next() == "later"
    assert not join(sockets, "asleep", Tab())
    await sockets.close()


async def test_what_waits_for_a_tab_is_bounded_in_bytes(sockets, monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING_BYTES", 1000)
    large, asleep = {"text": "x" * 3000}, Tab(awake=False)
    join(sockets, "asleep", asleep)
    sockets.send("first", large)
    await asyncio.sleep(0)
    assert not asleep.cut  # one message alone may be of any size
    sockets.send("second", {})
    await asyncio.sleep(0)
    assert asleep.cut
    await sockets.close()


async def test_a_sleeping_tab_does_not_delay_the_end(sockets, monkeypatch):
    monkeypatch.setattr(module, "CLOSE_SECONDS", 0.05)
    tabs = [Tab(awake=False) for _ in range(50)] + [Tab()]
    for number, tab in enumerate(tabs):
        join(sockets, str(number), tab)
    await asyncio.wait_for(sockets.close(), 20)
    assert [tab.cut for tab in tabs] == [True] * 50 + [False]
    assert tabs[-1].closed.is_set()

"""Messages to tabs."""

import asyncio
import contextlib

from datasete.workbench.sockets import Sockets


class Tab:
    """A websocket that keeps what it is sent."""

    def __init__(self, fault=None):
        self.texts, self.fault = asyncio.Queue(), fault

    async def send_str(self, text):
        if self.fault:
            raise self.fault
        self.texts.put_nowait(text)


async def test_a_message_that_cannot_be_sent_is_not_the_last(caplog):
    sockets, good = Sockets(), Tab()
    sockets.open("bad", Tab(ValueError("odd")))
    sockets.open("good", good)
    task = asyncio.create_task(sockets.run())
    await asyncio.sleep(0)
    sockets.send("one", {}, "bad")
    sockets.send("two", {}, ["no", "id"])
    sockets.send("three", {}, "good")
    assert '"three"' in await asyncio.wait_for(good.texts.get(), 20)
    assert caplog.text.count("A message to a tab was dropped.") == 2
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

"""Sends messages to open browser tabs, from any thread. No tab can hold up another."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from aiohttp import web

from datasete.system import strict_json

logger = logging.getLogger(__name__)

MAX_WAITING_MESSAGES: Final = 2000
MAX_WAITING_BYTES: Final = 16_000_000
"""How much may wait for a tab that does not read, such as one that the browser has put to sleep."""

MAX_REMEMBERED_TABS: Final = 256
"""How many disconnected tabs are remembered, so that they can be sent what they missed."""

CLOSE_SECONDS: Final = 1.0
"""How long a tab has to take leave when the server shuts down."""


class Sockets:
    """Websockets by client id. A message to a closed tab is dropped, as in ComfyUI."""

    def __init__(self) -> None:
        self._tabs: dict[str, _Tab] = {}
        self._disconnected: OrderedDict[str, None] = OrderedDict()
        self._loop: asyncio.AbstractEventLoop | None = None

    def serve(self, loop: asyncio.AbstractEventLoop) -> None:
        """Deliver on `loop` from now on: the one that the sockets belong to."""
        self._loop = loop

    def send(self, event: str, data: Mapping[str, Any], client_id: str | None = None) -> None:
        """Send to one tab, or to all when no client is named. Callable from any thread."""
        text = strict_json.dump({"type": event, "data": data})
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._route, text, client_id)

    def open(self, client_id: str, socket: web.WebSocketResponse, abort: Callable[[], object]) -> bool:
        """Add a tab; a newer socket of the same client replaces the older.

        Args:
            client_id: the tab.
            socket: its websocket.
            abort: cuts the connection without waiting for anything.

        Returns:
            Whether its last connection was cut because it did not read: then it has missed messages.
        """
        older = self._tabs.pop(client_id, None)
        if older is not None:
            older.end()
        self._tabs[client_id] = _Tab(socket, abort)
        missed = client_id in self._disconnected
        self._disconnected.pop(client_id, None)
        return missed

    def forget(self, client_id: str, socket: web.WebSocketResponse) -> None:
        """Remove a tab, unless it has connected again since."""
        # A reloaded tab may connect before the server notices that its old socket is gone.
        tab = self._tabs.get(client_id)
        if tab is not None and tab.socket is socket:
            del self._tabs[client_id]
            tab.end()

    async def close(self) -> None:
        """Close all tabs' sockets, as the server is shutting down."""
        tabs, self._tabs = list(self._tabs.values()), {}
        await asyncio.gather(*(tab.close() for tab in tabs))

    def _route(self, text: str, client_id: str | None) -> None:
        for receiver in list(self._tabs) if client_id is None else [client_id]:
            tab = self._tabs.get(receiver)
            if tab is not None and not tab.put(text):
                self._disconnect(receiver, tab)

    def _disconnect(self, client_id: str, tab: _Tab) -> None:
        logger.info("A tab does not read its messages; it is disconnected, and gets the current state when it returns.")
        del self._tabs[client_id]
        self._disconnected[client_id] = None
        while len(self._disconnected) > MAX_REMEMBERED_TABS:
            self._disconnected.popitem(last=False)
        tab.end()
        tab.abort()


class _Tab:
    """One tab: its socket, the messages that wait for it, and the task that sends them in order."""

    def __init__(self, socket: web.WebSocketResponse, abort: Callable[[], object]) -> None:
        self.socket = socket
        self.abort = abort
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MAX_WAITING_MESSAGES)
        self._bytes = 0
        self._sending = asyncio.create_task(self._send())

    def put(self, text: str) -> bool:
        """Line a message up; return whether there was room. A single one always has, whatever its size."""
        if self._bytes and self._bytes + len(text) > MAX_WAITING_BYTES:
            return False
        try:
            self._waiting.put_nowait(text)
        except asyncio.QueueFull:
            return False
        self._bytes += len(text)
        return True

    def end(self) -> None:
        """Send nothing more."""
        self._sending.cancel()

    async def close(self) -> None:
        """Take leave; a tab that does not answer in time is cut off."""
        self.end()
        with suppress(Exception):  # whatever state the connection is in, it ends here
            await asyncio.wait_for(self.socket.close(code=1001, message=b"The workbench is going down."), CLOSE_SECONDS)
            return
        self.abort()

    async def _send(self) -> None:
        while True:
            text = await self._waiting.get()
            try:
                await self.socket.send_str(text)
            except (ConnectionError, RuntimeError) as error:
                logger.debug("A tab has closed: %s", error)
            except Exception:  # one message that cannot be sent must not be the last
                logger.exception("A message to a tab was dropped.")
            finally:
                self._bytes -= len(text)

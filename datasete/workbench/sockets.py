"""The open browser tabs, and messages to them from any thread."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import web

log = logging.getLogger(__name__)


class Sockets:
    """Websockets by client id. A message to a tab that is gone is dropped, as ComfyUI does."""

    def __init__(self) -> None:
        self._open: dict[str, web.WebSocketResponse] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._outgoing: asyncio.Queue[tuple[str, str | None]] = asyncio.Queue()

    async def run(self) -> None:
        """Deliver messages in order until cancelled. Runs on the server's loop."""
        self._loop = asyncio.get_running_loop()
        while True:
            text, client_id = await self._outgoing.get()
            for socket in self._receivers(client_id):
                await _deliver(socket, text)

    def send(self, event: str, data: Mapping[str, Any], client_id: str | None = None) -> None:
        """Send to one tab, or to all when no client is named. Callable from any thread."""
        text = json.dumps({"type": event, "data": data}, default=str)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._outgoing.put_nowait, (text, client_id))

    def open(self, client_id: str, socket: web.WebSocketResponse) -> None:
        """Remember a tab; a newer socket of the same client takes the place of the older."""
        self._open[client_id] = socket

    def forget(self, client_id: str, socket: web.WebSocketResponse) -> None:
        """Forget a tab, unless it has connected anew since."""
        if self._open.get(client_id) is socket:
            del self._open[client_id]

    async def close(self) -> None:
        """Tell all tabs that the server goes down."""
        for socket in list(self._open.values()):
            await socket.close(code=1001, message=b"The workbench is going down.")

    def _receivers(self, client_id: str | None) -> list[web.WebSocketResponse]:
        if client_id is None:
            return list(self._open.values())
        return [self._open[client_id]] if client_id in self._open else []


async def _deliver(socket: web.WebSocketResponse, text: str) -> None:
    try:
        await socket.send_str(text)
    except (ConnectionError, RuntimeError) as error:
        log.debug("A tab is gone: %s", error)

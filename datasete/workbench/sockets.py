"""Sends messages to open browser tabs, from any thread."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import web

logger = logging.getLogger(__name__)


class Sockets:
    """Websockets by client id. A message to a closed tab is dropped, as in ComfyUI."""

    def __init__(self) -> None:
        self._open: dict[str, web.WebSocketResponse] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._outgoing: asyncio.Queue[tuple[str, str | None]] = asyncio.Queue()

    async def run(self) -> None:
        """Deliver messages in order until cancelled. Runs on the server's loop."""
        self._loop = asyncio.get_running_loop()
        # One task for all: with a task for each message, a later one could overtake an earlier one.
        while True:
            text, client_id = await self._outgoing.get()
            try:
                for socket in self._receivers(client_id):
                    await _deliver(socket, text)
            except Exception:  # this task serves every tab: one message that cannot be sent must not be the last
                logger.exception("A message to a tab was dropped.")

    def send(self, event: str, data: Mapping[str, Any], client_id: str | None = None) -> None:
        """Send to one tab, or to all when no client is named. Callable from any thread."""
        text = json.dumps({"type": event, "data": data}, default=str)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._outgoing.put_nowait, (text, client_id))

    def open(self, client_id: str, socket: web.WebSocketResponse) -> None:
        """Add a tab; a newer socket of the same client replaces the older."""
        self._open[client_id] = socket

    def forget(self, client_id: str, socket: web.WebSocketResponse) -> None:
        """Remove a tab, unless it has connected again since."""
        # A reloaded tab may connect before the server notices that its old socket is gone.
        if self._open.get(client_id) is socket:
            del self._open[client_id]

    async def close(self) -> None:
        """Close all tabs' sockets, as the server is shutting down."""
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
        logger.debug("A tab has closed: %s", error)

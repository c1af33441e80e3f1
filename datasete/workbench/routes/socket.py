"""The route of the websocket."""

from __future__ import annotations

import json
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from datasete.workbench.routes.base import Route
from datasete.workbench.routes.information import FEATURES
from datasete.workbench.workbench import Workbench


def routes(workbench: Workbench) -> list[Route]:
    """``/ws``."""

    async def connect(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        client_id = request.query.get("clientId") or uuid.uuid4().hex
        workbench.sockets.open(client_id, socket)
        try:
            workbench.sockets.send("status", {"status": workbench.status(), "sid": client_id}, client_id)
            running = workbench.queue.running()
            if running and running.client_id == client_id and running.node:
                workbench.sockets.send("executing", {"node": running.node}, client_id)
            await _listen(socket, workbench, client_id)
        finally:
            workbench.sockets.forget(client_id, socket)
        return socket

    return [("GET", "/ws", connect)]


async def _listen(socket: web.WebSocketResponse, workbench: Workbench, client_id: str) -> None:
    async for message in socket:
        if message.type == WSMsgType.TEXT and _kind(message.data) == "feature_flags":
            workbench.sockets.send("feature_flags", FEATURES, client_id)


def _kind(text: str) -> Any:
    try:
        message = json.loads(text)
    except ValueError:
        return None
    return message.get("type") if isinstance(message, dict) else None

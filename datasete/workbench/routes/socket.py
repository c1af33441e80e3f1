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
        abort = request.transport.abort if request.transport else lambda: None
        client_id = request.query.get("clientId") or uuid.uuid4().hex
        missed = workbench.sockets.open(client_id, socket, abort)
        try:
            workbench.sockets.send("status", {"status": workbench.status(), "sid": client_id}, client_id)
            running = workbench.queue.running()
            if running and running.client_id == client_id and running.node:
                workbench.sockets.send("executing", {"node": running.node}, client_id)
            elif missed:
                _resend_last_run(workbench, client_id)
            await _listen(socket, workbench, client_id)
        finally:
            workbench.sockets.forget(client_id, socket)
        return socket

    return [("GET", "/ws", connect)]


def _resend_last_run(workbench: Workbench, client_id: str) -> None:
    """Show a tab that has missed messages how its last run ended, and with which pictures."""
    runs = workbench.queue.history()
    own = (key for key in reversed(runs) if runs[key]["prompt"][3].get("client_id") == client_id)
    prompt_id = next(own, None)
    if prompt_id is None:
        return
    entry = runs[prompt_id]
    for node_id, output in entry["outputs"].items():
        shown = {"node": node_id, "display_node": node_id, "output": output, "prompt_id": prompt_id}
        workbench.sockets.send("executed", shown, client_id)
    for event, data in entry["status"]["messages"][-1:]:
        workbench.sockets.send(event, data, client_id)
    workbench.sockets.send("executing", {"node": None, "prompt_id": prompt_id}, client_id)


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

"""Routes of prompts: queueing them, showing the queue and the history, stopping a run."""

from __future__ import annotations

import time
import uuid
from typing import Any

from aiohttp import web

from datasete.errors import InvalidInput
from datasete.workbench.prompt_queue import QueuedRun
from datasete.workbench.prompts.faults import fault
from datasete.workbench.prompts.validation import validate
from datasete.workbench.routes.base import Route, json_object, json_response, whole_number
from datasete.workbench.workbench import Workbench

SECRETS = ("auth_token_comfy_org", "api_key_comfy_org")


def routes(workbench: Workbench) -> list[Route]:
    """``/prompt``, ``/queue``, ``/interrupt``, and the history."""
    return [*_prompt_routes(workbench), *_history_routes(workbench)]


def _prompt_routes(workbench: Workbench) -> list[Route]:
    queue = workbench.queue

    async def status(request: web.Request) -> web.Response:
        del request
        return json_response(workbench.status())

    async def post_prompt(request: web.Request) -> web.Response:
        return await _queue_prompt(workbench, await json_object(request))

    async def get_queue(request: web.Request) -> web.Response:
        del request
        running = queue.running()
        rows = {
            "queue_running": [running.row()] if running else [],
            "queue_pending": [j.row() for j in queue.pending()],
        }
        return json_response(rows)

    async def post_queue(request: web.Request) -> web.Response:
        body = await json_object(request)
        if body.get("clear"):
            queue.clear()
        queue.remove(_ids(body, "delete"))
        return web.Response()

    async def interrupt(request: web.Request) -> web.Response:
        queue.interrupt((await json_object(request)).get("prompt_id") or None)
        return web.Response()

    return [
        ("GET", "/prompt", status),
        ("POST", "/prompt", post_prompt),
        ("GET", "/queue", get_queue),
        ("POST", "/queue", post_queue),
        ("POST", "/interrupt", interrupt),
    ]


def _history_routes(workbench: Workbench) -> list[Route]:
    queue = workbench.queue

    async def history(request: web.Request) -> web.Response:
        offset = whole_number(request, "offset")
        found = queue.history(whole_number(request, "max_items"), -1 if offset is None else offset)
        return json_response(found)

    async def one_history(request: web.Request) -> web.Response:
        prompt_id = request.match_info["prompt_id"]
        entry = queue.finished(prompt_id)
        return json_response({prompt_id: entry} if entry else {})

    async def post_history(request: web.Request) -> web.Response:
        body = await json_object(request)
        if body.get("clear"):
            queue.forget()
        queue.forget(_ids(body, "delete"))
        return web.Response()

    return [
        ("GET", "/history", history),
        ("GET", "/history/{prompt_id}", one_history),
        ("POST", "/history", post_history),
    ]


async def _queue_prompt(workbench: Workbench, body: dict[str, Any]) -> web.Response:
    prompt: Any = body.get("prompt")
    if not _is_prompt(prompt):
        return _refusal(fault("no_prompt", "No prompt provided", "No prompt provided"))
    prompt_id = str(uuid.uuid4()) if body.get("prompt_id") is None else body["prompt_id"]
    # Batches and gates use the id as a key and in URLs, so a client may choose it but not its form.
    if not _is_id(prompt_id):
        details = "prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to get one"
        return _refusal(fault("invalid_prompt_id", "prompt_id must be a valid UUID", details))
    targets, number = _field(body, "partial_execution_targets", list, None), _field(body, "number", int | float, None)
    extra_data = _extra_data(body)
    verdict = await validate(prompt, (await workbench.nodes()).classes, targets, workbench.in_thread)
    if verdict.error is not None:
        return _refusal(verdict.error, verdict.node_errors)
    if number is None:
        number = workbench.next_number(front=bool(body.get("front")))
    workbench.queue.put(QueuedRun(number, prompt_id, prompt, verdict.outputs, extra_data))
    answer = {"prompt_id": prompt_id, "number": number, "node_errors": verdict.node_errors}
    return json_response(answer)


def _is_prompt(prompt: object) -> bool:
    return isinstance(prompt, dict) and all(isinstance(node, dict) and _is_node(node) for node in prompt.values())


def _is_node(node: dict[str, Any]) -> bool:
    parts = isinstance(node.get("inputs", {}), dict) and isinstance(node.get("_meta", {}), dict)
    return parts and isinstance(node.get("class_type", ""), str)


def _field(body: dict[str, Any], name: str, kind: Any, default: Any) -> Any:
    """Return a field of the body, which must be of a type."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, kind) or isinstance(value, bool):
        raise InvalidInput(f"The field {name} cannot be used.", hint="Nothing was queued.")
    return value


def _is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value
    except ValueError:
        return False


def _extra_data(body: dict[str, Any]) -> dict[str, Any]:
    """Return the prompt's extra data without secrets, as the queue and the history show it."""
    kept = {key: value for key, value in _field(body, "extra_data", dict, {}).items() if key not in SECRETS}
    client_id = _field(body, "client_id", str, _field(kept, "client_id", str, None))
    kept.pop("client_id", None)
    client = {} if client_id is None else {"client_id": client_id}
    return kept | client | {"create_time": int(time.time() * 1000)}


def _refusal(error: dict[str, Any], node_errors: dict[str, Any] | None = None) -> web.Response:
    return json_response({"error": error, "node_errors": node_errors or {}}, status=400)


def _ids(body: dict[str, Any], key: str) -> list[str]:
    ids = body.get(key, [])
    if not isinstance(ids, list):
        raise InvalidInput(f"{key} must be a list of prompt ids.", hint="Nothing was removed.")
    return [str(item) for item in ids]

"""Posts a prompt to another ComfyUI exactly once, by its ticket."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from datasete.plugin import ConfigError, InvalidInput, StoreUnavailable

TICKET: Final = "datasete_ticket"
TIMEOUT_SECONDS: Final = 4.0
RETRY_SECONDS: Final = (0.1, 0.4, 1.0)
RECENT_RUNS: Final = 64
"""How many of the last finished runs are searched for the ticket."""

MAX_ANSWER_BYTES: Final = 100_000_000
"""Of an answer. The last runs come with their prompts."""

MAX_ANSWER_SECONDS: Final = 30.0


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Lets a redirect be an error: whatever is at its other end, the configuration does not name it."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""


# No proxy: the configuration names a machine of the local network, which a proxy would look for elsewhere.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())


def post_once(
    url: str, ticket: str, prompt: Mapping[str, Any], extra_data: Mapping[str, Any], client_id: str | None
) -> None:
    """Queue `prompt` at `url` with the ticket as its run's id.

    Raises:
        ConfigError: `url` is not a usable URL.
        InvalidInput: the prompt is rejected.
        StoreUnavailable: no answer after several attempts.
    """
    base = _checked(url)
    body = {"prompt": prompt, "prompt_id": ticket, "extra_data": {**extra_data, TICKET: ticket}}
    if client_id is not None:
        body["client_id"] = client_id
    fault: Exception | None = None
    for pause in (0.0, *RETRY_SECONDS):
        time.sleep(pause)
        try:
            # After a lost answer the prompt may have arrived all the same. Posted again, it would run twice.
            if fault is None or not _arrived(base, ticket):
                _call(f"{base}/prompt", body)
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise _refused(base, error) from error
            error.close()
            fault = error
        except (OSError, ValueError, HTTPException, RecursionError) as error:
            fault = error
        else:
            return
    raise StoreUnavailable(
        f"The next run could not be sent to {base}: {fault}.",
        hint="The batch keeps its place. Start that ComfyUI, then press Queue or Continue.",
    ) from fault


def _arrived(base: str, ticket: str) -> bool:
    queue = _call(f"{base}/queue")
    rows = [row for key in ("queue_running", "queue_pending") for row in queue.get(key, [])]
    history = _call(f"{base}/history?max_items={RECENT_RUNS}")
    rows += [entry.get("prompt") or [] for entry in history.values()]
    return any(_is_ours(row, ticket) for row in rows)


def _is_ours(row: list[Any], ticket: str) -> bool:
    return len(row) > 3 and (row[1] == ticket or (isinstance(row[3], dict) and row[3].get(TICKET) == ticket))


def _call(url: str, body: Mapping[str, Any] | None = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - scheme is checked
    with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
        return json.loads(_bounded(answer))


def _bounded(answer: Any) -> bytes:
    """Read an answer, which may be neither endless nor dripping for ever."""
    data, until = bytearray(), time.monotonic() + MAX_ANSWER_SECONDS
    while block := answer.read1(1 << 16):
        data += block
        if len(data) > MAX_ANSWER_BYTES or time.monotonic() > until:
            raise ValueError("its answer does not end")
    return bytes(data)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(
            "The trigger “http” has no ComfyUI to post to.",
            hint="The batch keeps its place. Set batch.url to something like http://192.168.1.5:8188.",
        )
    if parts.username or parts.password:
        raise ConfigError(
            "batch.url holds a password, which would show up in messages.",
            hint="The batch keeps its place. Remove the password.",
        )
    return url.rstrip("/")


def _refused(base: str, error: urllib.error.HTTPError) -> InvalidInput:
    if 300 <= error.code < 400:
        error.close()
        return InvalidInput(
            f"{base} sends the next run to another address, which is not followed.",
            hint="The batch keeps its place. Set batch.url to the address of that ComfyUI itself.",
        )
    with error:
        text = error.read(2000).decode("utf-8", "replace")
    try:
        fault = json.loads(text)["error"]
        text = f"{fault['message']} {fault['details']}".strip() if isinstance(fault, dict) else str(fault)
    except (ValueError, KeyError, TypeError):
        text = f"status {error.code}"
    return InvalidInput(f"{base} rejected the next run: {text}.", hint="The batch keeps its place. Fix the workflow.")

"""ComfyUI's queue: what runs, how it ends, and queueing one more prompt in the form that this ComfyUI uses."""

from __future__ import annotations

import asyncio
import concurrent.futures
import copy
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from datasete.errors import InvalidInput, StoreUnavailable
from datasete.host.runs import CLEARED, Listener, QueuedPrompt, RunEnd, now, run_end

logger = logging.getLogger(__name__)

VALIDATION_SECONDS: Final = 120.0
"""How long ComfyUI's loop may take to validate a prompt."""

SECRET_KEYS: Final = ("auth_token_comfy_org", "api_key_comfy_org")
"""The keys under which older versions keep secrets in a prompt's extra data; newer ones keep them apart."""


class ComfyRuns:
    """`datasete.host.runs.RunQueue` over a running ComfyUI.

    Args:
        server: its ``PromptServer``.
    """

    def __init__(self, server: Any) -> None:
        self._server = server
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()
        self._cleared: set[str] = set()

    def prompt(self, prompt_id: str) -> QueuedPrompt | None:
        """Look through the running and waiting items."""
        item = next((item for item in self._items() if item[1] == prompt_id), None)
        return _read(item) if item is not None else None

    def ended(self, prompt_id: str) -> RunEnd | None:
        """Ask the history."""
        entry = self._server.prompt_queue.get_history(prompt_id=prompt_id).get(prompt_id)
        return run_end(prompt_id, entry.get("status")) if entry else None

    def enqueue(self, prompt: QueuedPrompt) -> None:
        """Do what ``POST /prompt`` does, without the request."""
        import execution

        # A copy throughout: ComfyUI, and packs that listen to `trigger_on_prompt`, write into what is queued.
        body = {
            "prompt": copy.deepcopy(dict(prompt.graph)),
            "prompt_id": prompt.prompt_id,
            "extra_data": dict(prompt.extra_data),
        }
        body = self._server.trigger_on_prompt(body)
        valid = self._on_loop(execution.validate_prompt(prompt.prompt_id, body["prompt"], list(prompt.targets) or None))
        if not valid[0]:
            raise InvalidInput(
                f"ComfyUI rejected the next run: {_sentence(valid[1])}.",
                hint="The batch keeps its place. Fix the workflow, then press Queue.",
            )
        extra = {**body["extra_data"], "create_time": now()}
        item = (self._number(), prompt.prompt_id, body["prompt"], extra, valid[2])
        self._server.prompt_queue.put(_with_secrets(item, prompt.secrets))

    def watch(self, listener: Listener) -> None:
        """Listen where ComfyUI's worker reports the end of a run, which is before the history can be cleared."""
        with self._lock:
            if not self._listeners:
                self._listen()
            self._listeners.append(listener)

    def node_inputs(self, class_type: str) -> Mapping[str, Any]:
        """Ask the class."""
        import nodes

        node_class = nodes.NODE_CLASS_MAPPINGS.get(class_type)
        return dict(node_class.INPUT_TYPES()) if node_class is not None else {}

    def _items(self) -> list[Sequence[Any]]:
        queue = self._server.prompt_queue
        look = getattr(queue, "get_current_queue_volatile", queue.get_current_queue)
        running, waiting = look()
        return [*running, *waiting]

    def _number(self) -> float:
        # The queue is a heap ordered by this number: the next one puts the prompt behind all others.
        number: float = self._server.number
        self._server.number += 1
        return number

    def _on_loop(self, coroutine: Any) -> Any:
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._server.loop).result(VALIDATION_SECONDS)
        except concurrent.futures.TimeoutError as error:
            raise StoreUnavailable(
                "ComfyUI did not validate the next run in time.", hint="The batch keeps its place. Press Queue."
            ) from error

    def _listen(self) -> None:
        # ComfyUI announces the end of a run to browsers only. But its worker calls `task_done` for every run,
        # and does so before anything can clear the history; so that is wrapped.
        queue = self._server.prompt_queue
        task_done = queue.task_done

        def listen(item_id: Any, *arguments: Any, **named: Any) -> Any:
            self._tell(queue.currently_running.get(item_id), _status(arguments, named))
            return task_done(item_id, *arguments, **named)

        queue.task_done = listen
        wipe_queue = queue.wipe_queue

        def wipe(*arguments: Any, **named: Any) -> Any:
            # The run that is executing is not in the queue, and neither is the next one of its batch: both go on unless
            # this is noted.
            self._cleared.update(item[1] for item in list(queue.currently_running.values()))
            return wipe_queue(*arguments, **named)

        queue.wipe_queue = wipe

    def _tell(self, item: Sequence[Any] | None, status: Any) -> None:
        try:
            end = run_end(item[1], _as_mapping(status)) if item is not None else None
            if end is not None:
                end = replace(end, stop=CLEARED) if end.prompt_id in self._cleared else end
                self._cleared.discard(end.prompt_id)
                for listener in self._listeners:
                    listener(end)
        except Exception:  # this is ComfyUI's worker thread: an exception here would end it
            logger.exception("A batch did not hear how a run ended; it will find out at its next run.")


def _read(item: Sequence[Any]) -> QueuedPrompt:
    extra = dict(item[3])
    # Items have five parts in older versions, and a sixth for secrets in newer ones.
    secrets = {**{key: extra.pop(key) for key in SECRET_KEYS if key in extra}, **(item[5] if len(item) > 5 else {})}
    return QueuedPrompt(item[1], _without_answers(item[2]), extra, secrets, tuple(item[4]), extra.get("create_time"))


def _without_answers(graph: Mapping[str, Any]) -> dict[str, Any]:
    """A prompt as it was queued: a run leaves in each node what IS_CHANGED answered, NaN for instance."""
    return {node_id: {key: node[key] for key in node if key != "is_changed"} for node_id, node in graph.items()}


def _with_secrets(item: tuple[Any, ...], secrets: Mapping[str, Any]) -> tuple[Any, ...]:
    import execution

    if hasattr(execution, "SENSITIVE_EXTRA_DATA_KEYS"):
        return (*item, dict(secrets))
    return (*item[:3], {**item[3], **secrets}, *item[4:])


def _status(arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
    return named.get("status", arguments[1] if len(arguments) > 1 else None)


def _as_mapping(status: Any) -> Mapping[str, Any] | None:
    mapping: Mapping[str, Any] | None = status._asdict() if hasattr(status, "_asdict") else status
    return mapping


def _sentence(error: Mapping[str, Any]) -> str:
    return " ".join(f"{error.get('message', '')} {error.get('details', '')}".split()).rstrip(".")

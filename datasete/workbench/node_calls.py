"""Calls a node's function the way ComfyUI does: over lists, with blockers passed along, sync or async."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeAlias

from datasete.host.api import Run
from datasete.workbench.prompts.graph import NodeClass, Prompt, input_spec, is_link

Inputs: TypeAlias = dict[str, list[Any]]
"""What a node is called with: each input as a list, one entry for each call."""

current_run: ContextVar[Run | None] = ContextVar("datasete_workbench_run", default=None)


class InterruptedRun(BaseException):
    """Ends a run that was stopped. A BaseException, as ComfyUI's is: no ``except Exception`` may swallow it."""


@dataclass(frozen=True)
class ExecutionBlocker:
    """An output that keeps everything downstream from running; its message, if any, says why in the browser."""

    message: str | None = None


@dataclass
class Caller:
    """Calls one node's functions in a run.

    Attributes:
        run: where in the run; each call sees it with its own list index.
        in_thread: runs a synchronous function in the worker thread, in the caller's context.
        check: raises `InterruptedRun` when the run was asked to stop.
        blocked: called with each blocker; returns the one to pass on.
    """

    run: Run
    in_thread: Callable[[Callable[[], Any]], Any]
    check: Callable[[], None] = lambda: None
    blocked: Callable[[ExecutionBlocker], ExecutionBlocker] = lambda blocker: blocker

    async def map(self, owner: object, function: str, inputs: Inputs) -> list[Any]:
        """Call `function` of `owner` once for each row of `inputs`; return the results in order.

        Asynchronous functions of all rows run side by side: a gate opens for each item of a list at once.
        """
        as_lists = bool(getattr(owner, "INPUT_IS_LIST", False))
        rows = [dict(inputs)] if as_lists else _rows(inputs)
        method = getattr(owner, function)
        if not inspect.iscoroutinefunction(method):
            return [await self._one(method, row, index, as_lists=as_lists) for index, row in enumerate(rows)]
        calls = [asyncio.ensure_future(self._one(method, row, i, as_lists=as_lists)) for i, row in enumerate(rows)]
        try:
            return await asyncio.gather(*calls)
        finally:
            # When one call fails, the others must not go on behind the run's back: a gate of theirs would stay open.
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

    async def _one(self, method: Callable[..., Any], row: Mapping[str, Any], index: int, *, as_lists: bool) -> Any:
        self.check()
        blocker = _blocker(row, as_lists=as_lists)
        if blocker is not None:
            return self.blocked(blocker)
        token = current_run.set(Run(self.run.prompt_id, self.run.node_id, index, self.run.client_id))
        try:
            if inspect.iscoroutinefunction(method):
                return await method(**row)
            return await self.in_thread(lambda: method(**row))
        finally:
            current_run.reset(token)


def _rows(inputs: Inputs) -> list[dict[str, Any]]:
    """Return one call for each entry of the longest list; shorter lists repeat their last entry."""
    if not inputs:
        return [{}]
    length = max(len(values) for values in inputs.values())
    # ComfyUI stops here with an IndexError; a sentence that names the input is worth the difference.
    empty = [name for name, values in inputs.items() if not values]
    if empty and length:
        raise ValueError(f"The list at the input {empty[0]} is empty.")
    return [{name: values[min(i, len(values) - 1)] for name, values in inputs.items()} for i in range(length)]


def _blocker(row: Mapping[str, Any], *, as_lists: bool) -> ExecutionBlocker | None:
    values = (entry for value in row.values() for entry in value) if as_lists else iter(row.values())
    return next((value for value in values if isinstance(value, ExecutionBlocker)), None)


def gather_inputs(
    prompt: Prompt,
    node_id: str,
    node_class: NodeClass,
    outputs: Mapping[str, Sequence[list[Any]]],
    extra_data: Mapping[str, Any],
) -> Inputs:
    """Return what a node is called with; a link whose source is not in `outputs` becomes None, as in ComfyUI."""
    types = node_class.INPUT_TYPES()
    inputs: Inputs = {}
    for name, value in prompt[node_id].get("inputs", {}).items():
        spec = input_spec(types, name)
        if is_link(value) and not (spec and spec[2].get("rawLink")):
            inputs[name] = _linked(outputs, value[0], value[1])
        elif spec is not None:
            inputs[name] = [value]
    for name, kind in types.get("hidden", {}).items():
        inputs.update(_hidden(name, kind if isinstance(kind, str) else kind[0], prompt, node_id, extra_data))
    return inputs


def _linked(outputs: Mapping[str, Sequence[list[Any]]], source: str, index: int) -> list[Any]:
    produced = outputs.get(source)
    return [None] if produced is None or index >= len(produced) else produced[index]


def _hidden(name: str, kind: str, prompt: Prompt, node_id: str, extra_data: Mapping[str, Any]) -> Inputs:
    values = {
        "PROMPT": prompt,
        "DYNPROMPT": prompt,
        "EXTRA_PNGINFO": extra_data.get("extra_pnginfo"),
        "UNIQUE_ID": node_id,
        # This host has no accounts; nodes that declare these still expect them as arguments.
        "AUTH_TOKEN_COMFY_ORG": None,
        "API_KEY_COMFY_ORG": None,
        "COMFY_USAGE_SOURCE": extra_data.get("comfy_usage_source"),
    }
    return {name: [values[kind]]} if kind in values else {}


@dataclass(frozen=True)
class NodeResult:
    """What a node gave back: `outputs`, a list for each output, and `ui` for the browser."""

    outputs: list[list[Any]]
    ui: dict[str, list[Any]]


def collect(results: Sequence[Any], node_class: NodeClass) -> NodeResult:
    """Join what the calls of a node returned.

    Raises:
        NotImplementedError: the node expands into a graph of its own, which this host does not support.
    """
    rows: list[Sequence[Any]] = []
    uis: list[Mapping[str, Sequence[Any]]] = []
    for result in results:
        if isinstance(result, dict):
            if "expand" in result:
                raise NotImplementedError("This host does not run nodes that expand into other nodes; ComfyUI does.")
            uis.extend([result["ui"]] if "ui" in result else [])
            if "result" not in result:
                continue
        row = result["result"] if isinstance(result, dict) else result
        rows.append((row,) * len(node_class.RETURN_TYPES) if isinstance(row, ExecutionBlocker) else (row or ()))
    ui = {key: [item for part in uis for item in part[key]] for key in uis[0]} if uis else {}
    return NodeResult(_merged(rows, node_class), ui)


def _merged(rows: Sequence[Sequence[Any]], node_class: NodeClass) -> list[list[Any]]:
    if not rows:
        return []
    as_list = getattr(node_class, "OUTPUT_IS_LIST", (False,) * len(rows[0]))
    return [_column(rows, index, is_list=is_list) for index, is_list in zip(range(len(rows[0])), as_list, strict=False)]


def _column(rows: Sequence[Sequence[Any]], index: int, *, is_list: bool) -> list[Any]:
    values = [row[index] for row in rows]
    if not is_list:
        return values
    return [item for value in values for item in ([value] if isinstance(value, ExecutionBlocker) else value)]

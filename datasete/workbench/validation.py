"""Checks whether a prompt can run, and says why not: with the same checks and texts as ComfyUI."""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from datasete.host.api import Run
from datasete.workbench.graph import NodeClass, Prompt, input_spec, is_link, is_output
from datasete.workbench.node_calls import Caller, gather_inputs

Fault: TypeAlias = dict[str, Any]
"""A finding: ``{"type", "message", "details", "extra_info"}``."""


@dataclass
class Verdict:
    """`outputs` are the output nodes that can run; `error` says why nothing can; `node_errors` are shown at nodes."""

    outputs: list[str] = field(default_factory=list)
    error: Fault | None = None
    node_errors: dict[str, Any] = field(default_factory=dict)


InThread: TypeAlias = Callable[[Callable[[], Any]], Coroutine[Any, Any, Any]]
"""Runs a function that blocks."""


async def validate(
    prompt: Prompt,
    classes: Mapping[str, NodeClass],
    only: Sequence[str] | None = None,
    in_thread: InThread = asyncio.to_thread,
) -> Verdict:
    """Check a prompt for all of its output nodes, or for those in `only`; nodes' own checks run `in_thread`."""
    error = _unknown_node(prompt, classes)
    if error is not None:
        return Verdict(error=error)
    outputs = [key for key, node in prompt.items() if is_output(classes[node["class_type"]])]
    outputs = [key for key in outputs if only is None or key in only]
    if not outputs:
        return Verdict(error=fault("prompt_no_outputs", "Prompt has no outputs"))
    return await _Validation(prompt, classes, in_thread).verdict(outputs)


def fault(kind: str, message: str, details: str = "", **extra: Any) -> Fault:
    """Return an error in ComfyUI's form."""
    return {"type": kind, "message": message, "details": details, "extra_info": extra}


def _unknown_node(prompt: Prompt, classes: Mapping[str, NodeClass]) -> Fault | None:
    for key, node in prompt.items():
        kind = node.get("class_type")
        if kind not in classes:
            title = node.get("_meta", {}).get("title") or kind or f"ID #{key}"
            why = "has no class_type. The workflow may be corrupted" if kind is None else "not found"
            text = f"Node '{title}' {why}. The custom node may not be installed."
            where = {"node_id": key, "class_type": kind, "node_title": title}
            return fault("missing_node_type", text, f"Node ID '#{key}'", **where)
    return None


class _Validation:
    def __init__(self, prompt: Prompt, classes: Mapping[str, NodeClass], in_thread: InThread) -> None:
        self._in_thread = in_thread
        self._prompt = prompt
        self._classes = classes
        self._faults: dict[str, list[Fault]] = {}
        self._valid: dict[str, bool] = {}

    async def verdict(self, outputs: list[str]) -> Verdict:
        verdict = Verdict()
        details: list[str] = []
        for output in outputs:
            if await self._check(output, ()):
                verdict.outputs.append(output)
                continue
            details += [f"{f['message']}: {f['details']}" for f in self._faults.get(output, [])]
            for node_id in self._upstream_with_faults(output):
                self._add_node_errors(verdict, node_id, output)
        if not verdict.outputs:
            text = "Prompt outputs failed validation"
            verdict.error = fault("prompt_outputs_failed_validation", text, "\n".join(details))
        return verdict

    def _add_node_errors(self, verdict: Verdict, node_id: str, output: str) -> None:
        kind = self._prompt[node_id]["class_type"]
        empty = {"errors": self._faults[node_id], "dependent_outputs": [], "class_type": kind}
        verdict.node_errors.setdefault(node_id, empty)["dependent_outputs"].append(output)

    def _upstream_with_faults(self, output: str) -> list[str]:
        seen: set[str] = set()
        stack = [output]
        while stack:
            node_id = stack.pop()
            if node_id not in seen and node_id in self._prompt:
                seen.add(node_id)
                stack += [value[0] for value in self._inputs(node_id).values() if is_link(value)]
        return [node_id for node_id in self._prompt if node_id in seen and self._faults.get(node_id)]

    def _inputs(self, node_id: str) -> dict[str, Any]:
        inputs: dict[str, Any] = self._prompt[node_id].setdefault("inputs", {})  # type: ignore[attr-defined]
        return inputs

    async def _check(self, node_id: str, path: tuple[str, ...]) -> bool:
        if node_id in path:  # the prompt comes from outside, and a cycle would recurse for ever
            self._add_cycle((*path[path.index(node_id) :], node_id))
            return False
        if node_id not in self._valid:
            try:
                self._valid[node_id] = await self._check_node(node_id, (*path, node_id))
            except Exception as error:  # noqa: BLE001 - a node's validator VALIDATE_INPUTS or INPUT_TYPES may raise anything
                self._add_fault(node_id, _exception(error))
                self._valid[node_id] = False
        return self._valid[node_id] and not self._faults.get(node_id)

    def _add_fault(self, node_id: str, found: Fault) -> None:
        self._faults.setdefault(node_id, []).append(found)

    def _add_cycle(self, cycle: tuple[str, ...]) -> None:
        text = " -> ".join(f"{key} ({self._prompt[key]['class_type']})" for key in cycle)
        for key in dict.fromkeys(cycle):
            extra = {"node_id": key, "cycle_nodes": list(dict.fromkeys(cycle))}
            self._add_fault(key, fault("dependency_cycle", "Dependency cycle detected", text, **extra))

    async def _check_node(self, node_id: str, path: tuple[str, ...]) -> bool:
        node_class = self._classes[self._prompt[node_id]["class_type"]]
        types = node_class.INPUT_TYPES()
        validator = (
            inspect.getfullargspec(node_class.VALIDATE_INPUTS) if hasattr(node_class, "VALIDATE_INPUTS") else None
        )
        received: dict[str, Any] = {}
        valid = True
        for name in [*types.get("required", {}), *types.get("optional", {})]:
            valid = await self._check_input(node_id, name, types, validator, received, path) and valid
        if validator is not None and valid and not self._faults.get(node_id):
            await self._call_validate_inputs(node_id, node_class, validator, received)
        return valid

    async def _check_input(
        self, node_id: str, name: str, types: Any, validator: Any, received: dict[str, Any], path: tuple[str, ...]
    ) -> bool:
        spec = input_spec(types, name)
        assert spec is not None
        kind, group, options = spec
        inputs = self._inputs(node_id)
        if name not in inputs:
            if group == "required":
                missing = fault("required_input_missing", "Required input is missing", name, input_name=name)
                self._add_fault(node_id, missing)
            return group != "required"
        if isinstance(inputs[name], list):
            return await self._check_link(node_id, name, kind, options, validator, received, path)
        found = _convert(inputs, name, kind, options)
        # As in ComfyUI: a node that checks an input itself may allow values that its declaration does not, such as
        # files that appeared after the list of choices was made.
        if found is None and not (validator and (name in validator.args or validator.varkw)):
            found = _out_of_range(inputs[name], name, kind, options)
        if found is not None:
            self._add_fault(node_id, found)
        return found is None

    async def _check_link(
        self,
        node_id: str,
        name: str,
        kind: Any,
        options: Any,
        validator: Any,
        received: dict[str, Any],
        path: tuple[str, ...],
    ) -> bool:
        value = self._inputs(node_id)[name]
        info = {"input_name": name, "input_config": [kind, options]}
        returned = self._returned(value)
        if returned is None:
            text = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            self._add_fault(node_id, fault("bad_linked_input", text, name, **info, received_value=value))
            return False
        received[name] = returned
        # A node that takes input_types judges the types itself, and may accept others than it declares.
        if not (validator and "input_types" in validator.args) and not fits(returned, kind):
            details = f"{name}, received_type({returned}) mismatch input_type({kind})"
            text = "Return type mismatch between linked nodes"
            extra = info | {"received_type": returned, "linked_node": value}
            self._add_fault(node_id, fault("return_type_mismatch", text, details, **extra))
            return False
        return await self._check(value[0], path)

    def _returned(self, link: list[Any]) -> Any:
        """Return the type at the other end of a link, or None when it leads nowhere."""
        if not is_link(link) or link[0] not in self._prompt:
            return None
        types = self._classes[self._prompt[link[0]]["class_type"]].RETURN_TYPES
        return types[link[1]] if 0 <= link[1] < len(types) else None

    async def _call_validate_inputs(
        self, node_id: str, node_class: NodeClass, validator: Any, received: dict[str, Any]
    ) -> None:
        inputs = gather_inputs(self._prompt, node_id, node_class, {}, {})
        asked = {name: values for name, values in inputs.items() if validator.varkw or name in validator.args}
        if "input_types" in validator.args:
            asked["input_types"] = [received]
        caller = Caller(Run("", node_id), self._in_thread)
        for answer in await caller.map(node_class, "VALIDATE_INPUTS", asked):
            if answer is not True:
                for name in asked:
                    details = name if answer is False else f"{name} - {answer}"
                    text = "Custom validation failed for node"
                    self._add_fault(node_id, fault("custom_validation_failed", text, details, input_name=name))


def fits(received: Any, wanted: Any) -> bool:
    """Whether an output of type `received` may be wired to an input of type `wanted`; types are ``"A,B"`` or ``*``."""
    if not received != wanted:  # noqa: SIM202 - "any" types of other packs override __ne__ only
        return True
    if "*" in (received, wanted) or (isinstance(received, list) and wanted == "COMBO"):
        return True
    if not isinstance(received, str) or not isinstance(wanted, str):
        return False
    return bool({part.strip() for part in received.split(",")} & {part.strip() for part in wanted.split(",")})


def _convert(inputs: dict[str, Any], name: str, kind: Any, options: Any) -> Fault | None:
    """Convert a widget's value to the input's type, in place."""
    value = inputs[name]
    # The frontend wraps lists like this, as a bare list would read as a link.
    if isinstance(value, dict) and "__value__" in value:
        value = inputs[name] = value["__value__"]
    converter = (
        {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}.get(kind) if isinstance(kind, str) else None
    )
    if converter is None:
        return None
    try:
        inputs[name] = converter(value)
    except (TypeError, ValueError, OverflowError) as error:
        extra = {"input_config": [kind, options], "received_value": value, "exception_message": str(error)}
        text = f"Failed to convert an input value to a {kind} value"
        return fault("invalid_input_type", text, f"{name}, {value}, {error}", input_name=name, **extra)
    return None


def _out_of_range(value: Any, name: str, kind: Any, options: Mapping[str, Any]) -> Fault | None:
    extra = {"input_name": name, "input_config": [kind, options], "received_value": value}
    if "min" in options and value < options["min"]:
        return fault("value_smaller_than_min", f"Value {value} smaller than min of {options['min']}", name, **extra)
    if "max" in options and value > options["max"]:
        return fault("value_bigger_than_max", f"Value {value} bigger than max of {options['max']}", name, **extra)
    choices = kind if isinstance(kind, list) else options.get("options", []) if kind == "COMBO" else None
    if choices is None:
        return None
    chosen = value if options.get("multiselect") and isinstance(value, list) else [value]
    wrong = [item for item in chosen if item not in choices]
    if not wrong:
        return None
    # A folder of ten thousand pictures would otherwise be listed in the browser's dialog.
    many = len(choices) > 20
    details = f"{name}: {', '.join(map(repr, wrong))} not in {f'(list of length {len(choices)})' if many else choices}"
    return fault(
        "value_not_in_list", "Value not in list", details, **(extra | ({"input_config": None} if many else {}))
    )


def _exception(error: Exception) -> Fault:
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    extra = {"exception_type": kind, "traceback": traceback.format_tb(error.__traceback__)}
    return fault("exception_during_validation", "Exception when validating node", str(error), **extra)

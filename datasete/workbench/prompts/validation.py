"""Checks whether a prompt can run, and says why not: with the same checks and texts as ComfyUI."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from datasete.host.api import Run
from datasete.workbench.node_calls import Caller, gather_inputs
from datasete.workbench.prompts import faults
from datasete.workbench.prompts.graph import NodeClass, Prompt, input_spec, is_link, is_output

MAX_SHOWN_CYCLE: Final = 50
MAX_BLOCKING_SECONDS: Final = 0.02


@dataclass
class Verdict:
    """`outputs` are the output nodes that can run; `error` says why nothing can; `node_errors` are shown at nodes."""

    outputs: list[str] = field(default_factory=list)
    error: faults.Fault | None = None
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
        return Verdict(error=faults.fault("prompt_no_outputs", "Prompt has no outputs"))
    return await _Validation(prompt, classes, in_thread).verdict(outputs)


def _unknown_node(prompt: Prompt, classes: Mapping[str, NodeClass]) -> faults.Fault | None:
    for key, node in prompt.items():
        kind = node.get("class_type")
        if kind not in classes:
            title = node.get("_meta", {}).get("title") or kind or f"ID #{key}"
            why = "has no class_type. The workflow may be corrupted" if kind is None else "not found"
            text = f"Node '{title}' {why}. The custom node may not be installed."
            where = {"node_id": key, "class_type": kind, "node_title": title}
            return faults.fault("missing_node_type", text, f"Node ID '#{key}'", **where)
    return None


class _Validation:
    def __init__(self, prompt: Prompt, classes: Mapping[str, NodeClass], in_thread: InThread) -> None:
        self._in_thread = in_thread
        self._prompt = prompt
        self._classes = classes
        self._places = {node_id: place for place, node_id in enumerate(prompt)}
        self._since = time.monotonic()
        self._places = {node_id: place for place, node_id in enumerate(prompt)}
        self._known_types: dict[NodeClass, Any] = {}
        self._validators: dict[NodeClass, Any] = {}
        self._faults: dict[str, list[faults.Fault]] = {}
        self._valid: dict[str, bool] = {}

    async def verdict(self, outputs: list[str]) -> Verdict:
        verdict = Verdict()
        details: list[str] = []
        for output in outputs:
            if await self._check(output):
                verdict.outputs.append(output)
                continue
            details += [f"{f['message']}: {f['details']}" for f in self._faults.get(output, [])]
            for node_id in self._upstream_with_faults(output):
                self._add_node_errors(verdict, node_id, output)
            await self._yield()
        if not verdict.outputs:
            text = "Prompt outputs failed validation"
            verdict.error = faults.fault("prompt_outputs_failed_validation", text, "\n".join(details))
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
        # Not by going through the whole prompt, which may have as many outputs as nodes.
        return sorted((node_id for node_id in seen if self._faults.get(node_id)), key=self._places.__getitem__)

    def _inputs(self, node_id: str) -> dict[str, Any]:
        inputs: dict[str, Any] = self._prompt[node_id].setdefault("inputs", {})  # type: ignore[attr-defined]
        return inputs

    async def _check(self, output: str) -> bool:
        """Check a node and all that it depends on, sources first."""
        for node_id in self._sources_first(output):
            try:
                self._valid[node_id] = await self._check_node(node_id)
            except Exception as error:  # noqa: BLE001 - a node's VALIDATE_INPUTS or INPUT_TYPES may raise anything
                self._add_fault(node_id, faults.from_exception(error))
                self._valid[node_id] = False
            await self._yield()
        return self._is_sound(output)

    async def _yield(self) -> None:
        # The loop has others to answer while a prompt of a hundred thousand nodes is checked.
        if time.monotonic() - self._since > MAX_BLOCKING_SECONDS:
            await asyncio.sleep(0)
            self._since = time.monotonic()

    def _is_sound(self, node_id: str) -> bool:
        return self._valid.get(node_id, False) and not self._faults.get(node_id)

    def _sources_first(self, output: str) -> Iterator[str]:
        """Yield the nodes that are not checked yet, each behind its sources; a cycle becomes a fault of its nodes."""
        # A stack instead of recursion: a workflow may be a chain of thousands of nodes.
        path: dict[str, Iterator[str]] = {}
        self._enter(output, path)
        while path:
            node_id, sources = next(reversed(path.items()))
            source = next(sources, None)
            if source is None:
                del path[node_id]
                yield node_id
            elif source in path:
                nodes = list(path)
                self._add_cycle((*nodes[nodes.index(source) :], source))
            else:
                self._enter(source, path)

    def _enter(self, node_id: str, path: dict[str, Iterator[str]]) -> None:
        if node_id not in self._valid:
            path[node_id] = iter(self._sources(node_id))

    def _sources(self, node_id: str) -> list[str]:
        """Return the nodes behind the declared inputs whose types fit: others are faults already."""
        node_class = self._classes[self._prompt[node_id]["class_type"]]
        try:
            types, validator = self._types(node_class), self._validator(node_class)
        except Exception:  # noqa: BLE001 - raised again, and reported, when the node itself is checked
            return []
        inputs, found = self._inputs(node_id), []
        for name in [*types.get("required", {}), *types.get("optional", {})]:
            value, spec = inputs.get(name), input_spec(types, name)
            if spec is None or not isinstance(value, list):
                continue
            returned = self._returned(value)
            if returned is not None and (_judges_types(validator) or faults.fits(returned, spec[0])):
                found.append(value[0])
        return found

    def _types(self, node_class: NodeClass) -> Any:
        # Asked once for each class: loaders list a folder for it.
        if node_class not in self._known_types:
            self._known_types[node_class] = node_class.INPUT_TYPES()
        return self._known_types[node_class]

    def _validator(self, node_class: NodeClass) -> Any:
        if node_class not in self._validators:
            own = getattr(node_class, "VALIDATE_INPUTS", None)
            self._validators[node_class] = None if own is None else inspect.getfullargspec(own)
        return self._validators[node_class]

    def _add_fault(self, node_id: str, found: faults.Fault) -> None:
        self._faults.setdefault(node_id, []).append(found)

    def _add_cycle(self, cycle: tuple[str, ...]) -> None:
        shown = cycle[:MAX_SHOWN_CYCLE]  # each of its nodes has this text
        text = " -> ".join(f"{key} ({self._prompt[key]['class_type']})" for key in shown)
        text += " -> …" if len(cycle) > len(shown) else ""
        for key in dict.fromkeys(cycle):
            extra = {"node_id": key, "cycle_nodes": list(dict.fromkeys(shown))}
            self._add_fault(key, faults.fault("dependency_cycle", "Dependency cycle detected", text, **extra))

    async def _check_node(self, node_id: str) -> bool:
        node_class = self._classes[self._prompt[node_id]["class_type"]]
        types, validator = self._types(node_class), self._validator(node_class)
        received: dict[str, Any] = {}
        valid = True
        for name in [*types.get("required", {}), *types.get("optional", {})]:
            valid = self._check_input(node_id, name, types, validator, received) and valid
        if validator is not None and valid and not self._faults.get(node_id):
            await self._call_validate_inputs(node_id, node_class, validator, received)
        return valid

    def _check_input(self, node_id: str, name: str, types: Any, validator: Any, received: dict[str, Any]) -> bool:
        spec = input_spec(types, name)
        assert spec is not None
        kind, group, options = spec
        inputs = self._inputs(node_id)
        if name not in inputs:
            if group == "required":
                missing = faults.fault("required_input_missing", "Required input is missing", name, input_name=name)
                self._add_fault(node_id, missing)
            return group != "required"
        if isinstance(inputs[name], list):
            return self._check_link(node_id, name, kind, options, validator, received)
        found = faults.convert(inputs, name, kind, options)
        # As in ComfyUI: a node that checks an input itself may allow values that its declaration does not, such as
        # files that appeared after the list of choices was made.
        if found is None and not (validator and (name in validator.args or validator.varkw)):
            found = faults.out_of_range(inputs[name], name, kind, options)
        if found is not None:
            self._add_fault(node_id, found)
        return found is None

    def _check_link(
        self,
        node_id: str,
        name: str,
        kind: Any,
        options: Any,
        validator: Any,
        received: dict[str, Any],
    ) -> bool:
        value = self._inputs(node_id)[name]
        info = {"input_name": name, "input_config": [kind, options]}
        returned = self._returned(value)
        if returned is None:
            text = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            self._add_fault(node_id, faults.fault("bad_linked_input", text, name, **info, received_value=value))
            return False
        received[name] = returned
        # A node that takes input_types judges the types itself, and may accept others than it declares.
        if not _judges_types(validator) and not faults.fits(returned, kind):
            details = f"{name}, received_type({returned}) mismatch input_type({kind})"
            text = "Return type mismatch between linked nodes"
            extra = info | {"received_type": returned, "linked_node": value}
            self._add_fault(node_id, faults.fault("return_type_mismatch", text, details, **extra))
            return False
        return self._is_sound(value[0])

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
                    self._add_fault(node_id, faults.fault("custom_validation_failed", text, details, input_name=name))


def _judges_types(validator: Any) -> bool:
    return validator is not None and "input_types" in validator.args

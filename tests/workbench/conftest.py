"""A small stage for the executor: nodes that note what happens to them, and a way to run prompts over them."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from datasete.workbench.caching import OutputCache
from datasete.workbench.execution import Execution, RunResult
from datasete.workbench.node_calls import ExecutionBlocker, InterruptedRun, current_run


def node(function, *, returns=("*",), inputs=(), **attributes):
    """A node class around a function; `inputs` are names of optional inputs of any type."""

    def input_types(cls):
        optional = {name: ("*", {}) for name in inputs}
        return {"optional": optional, "hidden": attributes.get("hidden", {})}

    body = {"INPUT_TYPES": classmethod(input_types), "RETURN_TYPES": returns, "FUNCTION": "run", "run": function}
    body |= {key: value for key, value in attributes.items() if key != "hidden"}
    return type("Node", (), body)


@dataclass
class Job:
    prompt: dict[str, Any]
    outputs: list[str]
    extra_data: dict[str, Any] = field(default_factory=dict)
    client_id: str | None = "tab"
    prompt_id: str = "run-1"
    stop: threading.Event = field(default_factory=threading.Event)
    node: str | None = None

    def stopping(self) -> bool:
        return self.stop.is_set()


@dataclass
class Stage:
    """`log` has what nodes did, `sent` what browsers were told, `gates` the events that waiting nodes wait for."""

    log: list[Any] = field(default_factory=list)
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    classes: dict[str, Any] = field(default_factory=dict)
    cache: OutputCache = field(default_factory=OutputCache)
    gates: dict[str, threading.Event] = field(default_factory=dict)
    job: Job | None = None

    def gate(self, name: str) -> threading.Event:
        return self.gates.setdefault(name, threading.Event())

    async def run(self, prompt: dict[str, Any], *outputs: str, **job: Any) -> RunResult:
        full = {
            key: {"class_type": kind, "inputs": dict(inputs)}
            for key, (kind, inputs) in ((k, (v[0], v[1] if len(v) > 1 else {})) for k, v in prompt.items())
        }
        self.job = Job(full, list(outputs), **job)
        with ThreadPoolExecutor(1) as pool:
            loop = asyncio.get_running_loop()

            def in_thread(function, *arguments):
                return loop.run_in_executor(pool, function, *arguments)

            execution = Execution(self.job, self.classes, self.cache, self._send, in_thread)
            return await asyncio.wait_for(execution.run(), 20)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [data for event, data in self.sent if event == name]

    def _send(self, event, data, client_id):
        assert client_id == self.job.client_id
        self.sent.append((event, dict(data)))


@pytest.fixture
def stage() -> Stage:
    """Nodes: Value, Note (output; logs what it got), Wait (async), List, Fail, Block, Stop, Where, Unsure."""
    made = Stage()

    def note(self, value=None, more=None):
        made.log.append(value if more is None else (value, more))
        return {"ui": {"seen": [str(value)]}, "result": (value,)}

    async def wait(self, name="", value=None):
        made.log.append(f"waits {name}")
        try:
            while not made.gate(name).is_set():
                if made.job and made.job.stopping():
                    raise InterruptedRun
                await asyncio.sleep(0.005)
        finally:
            made.log.append(f"left {name}")
        return (value if value is not None else name,)

    def opens(self, name=""):
        made.gate(name).set()
        return (name,)

    def fail(self, value=None):
        raise LookupError(f"no {value}")

    def stop(self, value=None):
        assert made.job is not None
        made.job.stop.set()
        return (value,)

    def where(self, value=None):
        return (current_run.get(),)

    async def where_async(self, value=None):
        await asyncio.sleep(0)
        return (current_run.get(),)

    def unsure(self, value=None):
        made.log.append("unsure")
        return (value,)

    made.classes = {
        "Value": node(lambda self, value=None: (made.log.append(f"value {value}"), (value,))[1], inputs=["value"]),
        "Note": node(note, inputs=["value", "more"], OUTPUT_NODE=True),
        "Wait": node(wait, inputs=["name", "value"]),
        "Opens": node(opens, inputs=["name"], OUTPUT_NODE=True),
        "List": node(lambda self, values=None: (values["__value__"],), inputs=["values"], OUTPUT_IS_LIST=(True,)),
        "Whole": node(
            lambda self, value=None, more=None: ((value, more),), inputs=["value", "more"], INPUT_IS_LIST=True
        ),
        "Fail": node(fail, inputs=["value"], OUTPUT_NODE=True),
        "Block": node(lambda self, why=None: (ExecutionBlocker(why), "open"), inputs=["why"], returns=("*", "*")),
        "BlockAll": node(lambda self: ExecutionBlocker(None), returns=("*", "*")),
        "BlockTwo": node(lambda self, value=None: (ExecutionBlocker(None) if value == 2 else value,), inputs=["value"]),
        "Stop": node(stop, inputs=["value"]),
        "Where": node(where, inputs=["value"]),
        "WhereAsync": node(where_async, inputs=["value"]),
        "Unsure": node(unsure, inputs=["value"], IS_CHANGED=classmethod(lambda cls, **_: float("nan"))),
        "Expand": node(lambda self: {"expand": {}, "result": ("x",)}),
    }
    return made


@pytest.fixture
def make_node():
    """The function that makes a node class out of a function."""
    return node

"""As much of ComfyUI as the pack touches, for tests: modules of the same names with the same few functions.

Run with the clone's path and a data folder. It loads the clone as ComfyUI 0.33 does (`nodes.load_custom_node`), drives
a gate as its executor does (a loop in a worker thread, the executing context set around the call) over real HTTP, and
prints what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import contextvars
import importlib.util
import json
import logging
import sys
import threading
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import torch
from aiohttp import ClientSession, web

CORS_ORIGIN = "https://page.example"
"""ComfyUI was started with --enable-cors-header and this."""


class ExecutionContext(NamedTuple):
    prompt_id: str
    node_id: str
    list_index: int | None


class InterruptProcessingException(BaseException):
    pass


class ExecutionBlocker:
    def __init__(self, message: str | None) -> None:
        self.message = message


class PromptQueue:
    """Nothing waits in it; the worker here runs what it is handed."""

    def __init__(self) -> None:
        self.currently_running: dict[int, Any] = {}

    def task_done(self, item_id: int, history_result: Any, status: Any = None, process_item: Any = None) -> None:
        pass

    def wipe_queue(self) -> None:
        pass

    def get_current_queue_volatile(self) -> tuple[list[Any], list[Any]]:
        return [], []

    def get_history(self, prompt_id: str | None = None) -> dict[str, Any]:
        return {}


class PromptServer:
    """`instance` is made before custom nodes are loaded, and its routes are mounted after."""

    instance: PromptServer

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        PromptServer.instance = self
        self.loop = loop
        self.routes = web.RouteTableDef()
        self.app = web.Application()
        self.prompt_queue = PromptQueue()
        self.client_id: str | None = None
        self.sent: list[tuple[str, Any, str | None]] = []

    def send_sync(self, event: str, data: Any, sid: str | None = None) -> None:
        self.loop.call_soon_threadsafe(self.sent.append, (event, data, sid))

    def add_routes(self) -> None:
        api = web.RouteTableDef()
        for route in self.routes:
            assert isinstance(route, web.RouteDef)
            api.route(route.method, "/api" + route.path)(route.handler, **route.kwargs)
        self.app.add_routes(api)
        self.app.add_routes(self.routes)


context: contextvars.ContextVar[ExecutionContext | None] = contextvars.ContextVar("context", default=None)
interrupt = threading.Event()


def install(data: Path) -> None:
    """Put the modules where `import` finds them."""
    _module("server", PromptServer=PromptServer)
    _module("comfy")
    _module("comfy.cli_args", args=SimpleNamespace(listen="127.0.0.1", enable_cors_header=CORS_ORIGIN))
    _module(
        "comfy.model_management",
        processing_interrupted=interrupt.is_set,
        InterruptProcessingException=InterruptProcessingException,
    )
    _module("comfy_execution")
    _module("comfy_execution.utils", get_executing_context=context.get)
    _module("comfy_execution.graph_utils", ExecutionBlocker=ExecutionBlocker)
    folders = {f"get_{kind}_directory": (lambda kind=kind: str(data / kind)) for kind in ("input", "output", "user")}
    _module("folder_paths", **folders)
    _module("nodes", NODE_CLASS_MAPPINGS={"ImageGate": _foreign("gates-of-somebody")})


def _foreign(pack: str) -> type:
    """A node of another pack."""
    return type("Foreign", (), {"RELATIVE_PYTHON_MODULE": f"custom_nodes.{pack}"})


def _module(name: str, **content: Any) -> None:
    module = ModuleType(name)
    vars(module).update(content)
    sys.modules[name] = module


def load_custom_node(folder: str) -> ModuleType:
    """As ComfyUI does: a module name made of the path, and no entry in sys.path."""
    name = folder.replace(".", "_x_")
    spec = importlib.util.spec_from_file_location(name, folder + "/__init__.py")
    assert spec
    assert spec.loader
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for node_id, node in module.NODE_CLASS_MAPPINGS.items():
        sys.modules["nodes"].NODE_CLASS_MAPPINGS[node_id] = node
        node.RELATIVE_PYTHON_MODULE = f"custom_nodes.{Path(folder).name}"
    return module


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Worker:
    """Runs one prompt at a time on a loop of its own, in a thread."""

    def __init__(self, node: type) -> None:
        self.node = node

    def run(self, prompt_id: str, items: list[dict[str, Any]]) -> list[Any]:
        """Run a list of inputs as one node; return outputs and exceptions."""
        return asyncio.run(self._run(prompt_id, items))

    async def _run(self, prompt_id: str, items: list[dict[str, Any]]) -> list[Any]:
        async def call(index: int, inputs: dict[str, Any]) -> Any:
            context.set(ExecutionContext(prompt_id, "4:2", index))
            return await getattr(self.node(), self.node.FUNCTION)(**inputs)  # type: ignore[attr-defined]

        with torch.inference_mode():
            tasks = [asyncio.create_task(call(index, inputs)) for index, inputs in enumerate(items)]
            return await asyncio.gather(*tasks, return_exceptions=True)


class Browser:
    """What a browser tab does."""

    def __init__(self, session: ClientSession, address: str) -> None:
        self.session, self.address = session, address

    async def gates(self, count: int) -> list[dict[str, Any]]:
        while True:
            async with self.session.get(f"{self.address}/api/datasete_gate/pending?client_id=tab") as answer:
                gates: list[dict[str, Any]] = (await answer.json())["gates"]
            if len(gates) == count:
                return gates
            await asyncio.sleep(0.01)

    async def choose(self, message: str, **address: str) -> int:
        fields = {"message": message} | address
        async with self.session.post(f"{self.address}/datasete_gate/choice", data=fields) as answer:
            return answer.status

    async def status(self, path: str, origin: str) -> int:
        async with self.session.get(self.address + path, headers={"Origin": origin}) as answer:
            return answer.status

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.session.get(self.address + path) as answer:
            return (
                answer.status,
                await answer.json() if answer.content_type == "application/json" else answer.content_type,
            )


async def story(server: PromptServer, worker: Worker, browser: Browser) -> dict[str, Any]:
    """A list of three, a stop, an interrupt; then the bus and the status page."""
    seen: dict[str, Any] = {}
    server.client_id = "tab"
    image = torch.arange(2 * 4 * 6 * 3).reshape(2, 4, 6, 3) / 255
    inputs = {"routes": 2, "image": image, "send_id": "cp1", "unique_id": "4:2"}

    run = asyncio.create_task(asyncio.to_thread(worker.run, "p-1", [dict(inputs, send_id="")] * 2 + [inputs]))
    for message in ("1", "2", "2"):
        first = (await browser.gates(3 - len(seen.get("shown", []))))[0]
        seen.setdefault("shown", []).append([first["id"], first["list_index"], first["prompt_id"], first["own"]])
        seen["preview"] = await browser.get(first["preview"])
        await browser.choose(message, id="4:2")
    seen["routes"] = [[describe(value) for value in outputs[:3]] for outputs in await run]

    run = asyncio.create_task(asyncio.to_thread(worker.run, "p-2", [inputs] * 2))
    await browser.gates(2)
    await browser.choose("__cancel__", id="4:2")
    seen["stopped"] = [describe(outcome) for outcome in await run]

    run = asyncio.create_task(asyncio.to_thread(worker.run, "p-3", [inputs]))
    [gate] = await browser.gates(1)
    interrupt.set()
    seen["interrupted"] = [describe(outcome) for outcome in await run]
    interrupt.clear()
    seen["late"] = await browser.choose("1", token=gate["token"])

    run = asyncio.create_task(
        asyncio.to_thread(worker.run, "p-4", [{"routes": 1, "get_id": "cp1", "unique_id": "4:2"}])
    )
    await browser.gates(1)
    await browser.choose("1", id="4:2")
    [outputs] = await run
    seen["same"] = bool(torch.equal(outputs[1], image))
    seen["slots"] = (await browser.get("/api/datasete_gate/bus/list"))[1]["ids"]
    seen["status"] = (await browser.get("/datasete/status"))[1]["host"]
    seen["cors"] = [
        await browser.status("/datasete_gate/pending", origin) for origin in (CORS_ORIGIN, "https://evil.example")
    ]
    seen["events"] = [[event, sid] for event, _, sid in server.sent]
    return seen


def describe(value: Any) -> str:
    """A value in a word."""
    return str(list(value.shape)) if isinstance(value, torch.Tensor) else type(value).__name__


async def main(folder: str, data: Path) -> dict[str, Any]:
    """Load the clone twice, serve, and tell the story."""
    install(data)
    server = PromptServer(asyncio.get_running_loop())
    before = list(sys.path)
    log = Lines()
    logging.getLogger("datasete.comfy.node_conflicts").addHandler(log)
    door = load_custom_node(folder)
    sys.modules.pop(door.__name__)
    again = load_custom_node(folder)
    for node_id in ("BatchImageSaver", "FolderImageLoader"):
        sys.modules["nodes"].NODE_CLASS_MAPPINGS[node_id] = _foreign("late-pack")
    server.add_routes()
    runner = web.AppRunner(server.app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    async with ClientSession() as session:
        worker = Worker(door.NODE_CLASS_MAPPINGS["ImageGate"])
        seen = await story(server, worker, Browser(session, f"http://{host}:{port}"))
    await runner.cleanup()
    seen["log"] = log.lines
    seen["again"] = sorted(again.NODE_CLASS_MAPPINGS)
    seen["path_kept"] = sys.path == before
    return seen


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], Path(sys.argv[2])))))

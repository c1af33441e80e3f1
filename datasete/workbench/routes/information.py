"""Routes that describe the host: nodes, system, features; and empty answers for what it does not have."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from aiohttp import web

from datasete.tasks.workers import FOLDERS
from datasete.workbench.routes.base import MAX_UPLOAD_BYTES, Handler, Route, json_response
from datasete.workbench.workbench import Workbench

FEATURES: Final[dict[str, Any]] = {
    "supports_preview_metadata": False,
    "max_upload_size": MAX_UPLOAD_BYTES,
    "extension": {"manager": {"supports_v4": False}},
    "node_replacements": False,
    "assets": False,
}

EMPTY_ANSWERS: Final[dict[str, Any]] = {
    "/embeddings": [],
    "/models": [],
    "/models/{folder}": [],
    "/experiment/models": [],
    "/experiment/models/{folder}": [],
    "/global_subgraphs": {},
    "/node_replacements": {},
    "/internal/folder_paths": {},
    "/internal/logs": "",
    "/internal/logs/raw": {"entries": [], "size": {"cols": 80, "rows": 24}},
}


def routes(workbench: Workbench) -> list[Route]:
    """Describe nodes, files, the system and features."""

    async def object_info(request: web.Request) -> web.Response:
        del request
        # In a thread: to describe the loaders lists folders.
        registry = await workbench.nodes()
        return json_response(await workbench.workers.of(FOLDERS).run(registry.describe_all))

    async def one_object(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        registry = await workbench.nodes()
        return json_response({name: registry.describe(name)} if name in registry.classes else {})

    async def outputs(request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        with os.scandir(workbench.folders.of(kind)) as entries:
            found = [entry for entry in entries if entry.is_file() and not entry.name.startswith(".")]
        found.sort(key=lambda entry: -entry.stat().st_mtime)
        return json_response([f"{entry.name} [{kind}]" for entry in found])

    return [
        ("GET", "/object_info", object_info),
        ("GET", "/object_info/{name}", one_object),
        ("GET", "/internal/files/{kind}", outputs),
        ("GET", "/system_stats", _constant(system_stats)),
        ("GET", "/features", _constant(lambda: FEATURES)),
        ("POST", "/free", _constant(dict)),
        ("PATCH", "/internal/logs/subscribe", _constant(dict)),
        *(("GET", path, _constant(lambda answer=answer: answer)) for path, answer in EMPTY_ANSWERS.items()),
    ]


def _constant(answer: Any) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        del request
        return json_response(answer())

    return handler


def system_stats() -> dict[str, Any]:
    """Describe the system as the frontend's About panel shows it. There is no GPU, and no ComfyUI."""
    total, free = _memory()
    system = {
        "os": sys.platform,
        "ram_total": total,
        "ram_free": free,
        "comfyui_version": "none (Datasete workbench)",
        "python_version": sys.version,
        "pytorch_version": _version("torch"),
        "embedded_python": False,
        "argv": ["datasete", "serve"],
    }
    memory = {"vram_total": total, "vram_free": free, "torch_vram_total": 0, "torch_vram_free": 0}
    return {"system": system, "devices": [{"name": platform.processor() or "cpu", "type": "cpu", "index": 0, **memory}]}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _memory() -> tuple[int, int]:
    """Return the bytes of memory in total, and free; zeros where the platform does not say."""
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0, 0

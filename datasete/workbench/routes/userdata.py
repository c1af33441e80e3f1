"""Routes of the user's files: saved workflows above all."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web

from datasete.errors import Conflict, NotFound
from datasete.system import moving
from datasete.tasks.workers import UPLOADS
from datasete.workbench.folders import disk_errors, inside, write_file
from datasete.workbench.routes.base import Route, json_response, read_body
from datasete.workbench.workbench import Workbench

STYLE: Final = "user.css"
EMPTY: Final = {STYLE: ("text/css", ""), "comfy.templates.json": ("application/json", "[]")}
"""Asked for at every load; a user without one gets an empty one."""


def routes(workbench: Workbench) -> list[Route]:
    """``/userdata`` and ``/v2/userdata``."""
    return [*_listings(workbench.folders.userdata), *_files(workbench)]


def _listings(root: Path) -> list[Route]:

    async def listing(request: web.Request) -> web.Response:
        folder = inside(root, request.query.get("dir", "").strip("/"))
        if not folder.is_dir():
            raise NotFound("Directory not found")
        pattern = "**/*" if request.query.get("recurse") == "true" else "*"
        files = sorted(path for path in folder.glob(pattern) if path.is_file())
        return json_response([_shown(path, folder, request) for path in files])

    async def tree(request: web.Request) -> web.Response:
        path = unquote(request.query.get("path", "")).strip("/")
        folder = inside(root, path) if path else root
        if not folder.is_dir():
            raise NotFound("Requested path not found")
        entries = sorted(folder.rglob("*"), key=lambda entry: (entry.is_file(), entry.name.lower()))
        return json_response([_entry(entry, root) for entry in entries])

    return [("GET", "/userdata", listing), ("GET", "/v2/userdata", tree)]


def _files(workbench: Workbench) -> list[Route]:
    root = workbench.folders.userdata

    async def get(request: web.Request) -> web.StreamResponse:
        kind, text = EMPTY.get(request.match_info["file"], ("", ""))
        if kind and not (root / request.match_info["file"]).exists():
            return web.Response(text=text, content_type=kind)
        path = _existing(root, request.match_info["file"])
        headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment"}
        # A download of no type that a page would run: what one saves here may come from anywhere.
        if path != root / STYLE:
            headers["Content-Type"] = "application/json" if path.suffix == ".json" else "application/octet-stream"
        return web.FileResponse(path, headers=headers)

    async def post(request: web.Request) -> web.Response:
        path = inside(root, request.match_info["file"])
        _refuse_existing(path, request)
        await workbench.workers.of(UPLOADS).run(write_file, path, await read_body(request))
        return json_response(_answer(path, root, request))

    async def delete(request: web.Request) -> web.Response:
        path = _existing(root, request.match_info["file"])
        with disk_errors(path.name):
            path.unlink()
        return web.Response(status=204)

    async def move(request: web.Request) -> web.Response:
        source, target = _existing(root, request.match_info["file"]), inside(root, request.match_info["dest"])
        _refuse_existing(target, request)
        with disk_errors(target.name):
            target.parent.mkdir(parents=True, exist_ok=True)
            await workbench.workers.of(UPLOADS).run(moving.move, source, target)
        return json_response(_answer(target, root, request))

    return [
        ("GET", "/userdata/{file}", get),
        ("POST", "/userdata/{file}", post),
        ("DELETE", "/userdata/{file}", delete),
        ("POST", "/userdata/{file}/move/{dest}", move),
    ]


def _existing(root: Path, name: str) -> Path:
    path = inside(root, name)
    if not path.is_file():
        raise NotFound(f"The file {name} does not exist.", hint="Nothing was changed.")
    return path


def _refuse_existing(path: Path, request: web.Request) -> None:
    if request.query.get("overwrite", "true") == "false" and path.exists():
        raise Conflict("File already exists", hint="It was left as it is.")


def _answer(path: Path, root: Path, request: web.Request) -> Any:
    return _info(path, root) if request.query.get("full_info") == "true" else path.relative_to(root).as_posix()


def _shown(path: Path, folder: Path, request: web.Request) -> Any:
    name = path.relative_to(folder).as_posix()
    if request.query.get("full_info") == "true":
        return _info(path, folder)
    return [name, *name.split("/")] if request.query.get("split") == "true" else name


def _info(path: Path, root: Path) -> dict[str, Any]:
    """Return path, size in bytes and times in milliseconds."""
    stat = path.stat()
    times = {"modified": int(stat.st_mtime * 1000), "created": int(stat.st_ctime * 1000)}
    return {"path": path.relative_to(root).as_posix(), "size": stat.st_size, **times}


def _entry(path: Path, root: Path) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": path.name, "path": path.relative_to(root).as_posix(), "type": "directory"}
    if path.is_file():
        entry |= {"type": "file", "size": path.stat().st_size, "modified": path.stat().st_mtime}
    return entry

"""Routes of the frontend itself, and of the pack's web modules, examples, translations and help."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from datasete.workbench.assets import PACK_NAME
from datasete.workbench.routes.base import Route, json_response
from datasete.workbench.workbench import Workbench

LOCALE_PARTS = ("nodeDefs", "commands", "settings")
EMPTY: Final[dict[str, Any]] = {"/templates/index.json": [], "/templates/index_logo.json": {}}
"""ComfyUI's own templates, which this host does not have: they need models."""

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' data: blob:; frame-ancestors 'self'"
)
"""The page connects to this server alone: pictures stay here, and nothing waits for the internet. The frontend needs
inline scripts and eval, so this does not protect from scripts; the checks of the requests do."""

PAGE_HEADERS = {"Cache-Control": "no-store, must-revalidate", "Content-Security-Policy": POLICY}


def routes(workbench: Workbench) -> list[Route]:
    """List extensions, templates and translations."""
    pack = workbench.pack

    async def extensions(request: web.Request) -> web.Response:
        del request
        own = _scripts(pack.web, f"/extensions/{PACK_NAME}")
        return json_response(_scripts(workbench.frontend / "extensions", "/extensions") + own)

    async def templates(request: web.Request) -> web.Response:
        del request
        names = sorted(path.stem for path in pack.examples.glob("*.json"))
        return json_response({PACK_NAME: names} if names else {})

    async def translations(request: web.Request) -> web.Response:
        del request
        folders = sorted(path for path in pack.locales.glob("*") if path.is_dir())
        return json_response({folder.name: read_translations(folder) for folder in folders})

    return [
        ("GET", "/extensions", extensions),
        ("GET", "/workflow_templates", templates),
        ("GET", "/i18n", translations),
    ]


def add_static(app: web.Application, workbench: Workbench) -> None:
    """Serve the frontend's and the pack's files."""

    async def root(request: web.Request) -> web.StreamResponse:
        del request
        return web.FileResponse(workbench.frontend / "index.html", headers=PAGE_HEADERS)

    async def empty(request: web.Request) -> web.Response:
        return json_response(EMPTY[request.path])

    async def no_style(request: web.Request) -> web.Response:
        del request
        return web.Response(content_type="text/css")

    for path in ("/", "/index.html"):
        app.router.add_get(path, root)
    app.router.add_get("/user.css", no_style)
    for path in EMPTY:
        app.router.add_get(path, empty)
    for path, folder in (
        (f"/extensions/{PACK_NAME}", workbench.pack.web),
        (f"/api/workflow_templates/{PACK_NAME}", workbench.pack.examples),
    ):
        if folder.is_dir():
            app.router.add_static(path, folder)
    app.router.add_static("/", workbench.frontend)


def _scripts(folder: Path, url: str) -> list[str]:
    return [f"{url}/{path.relative_to(folder).as_posix()}" for path in sorted(folder.rglob("*.js"))]


def read_translations(folder: Path) -> dict[str, Any]:
    """Return the translations of one language, merged as the frontend expects them."""
    merged = _json(folder / "main.json")
    return merged | {part: found for part in LOCALE_PARTS if (found := _json(folder / f"{part}.json"))}


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found

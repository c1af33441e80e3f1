"""Routes of users and settings."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from datasete.system import strict_json
from datasete.tasks.workers import UPLOADS
from datasete.workbench.folders import write_file
from datasete.workbench.routes.base import Route, json_body, json_object, json_response
from datasete.workbench.workbench import Workbench

WITHHELD_SETTING: Final = "Comfy.TutorialCompleted"
"""Withheld from the frontend: a tab with nothing to restore then opens on the templates instead of on ComfyUI's
default workflow, whose model loaders this host does not have."""


DEFAULTS: Final = {"Comfy.Notification.ShowVersionUpdates": False}
"""These apply until the user changes them: the page asks no other machine for news of ComfyUI."""


def routes(workbench: Workbench) -> list[Route]:
    """``/users`` and ``/settings``."""
    file = workbench.folders.userdata / "comfy.settings.json"
    changing = threading.Lock()  # two tabs may change settings at once, and each writes all of them

    def change(changed: dict[str, Any]) -> None:
        with changing:
            write_settings(file, read_settings(file) | changed)

    async def users(request: web.Request) -> web.Response:
        del request
        return json_response({"storage": "server", "migrated": True})

    async def all_settings(request: web.Request) -> web.Response:
        del request
        return json_response(read_settings(file))

    async def one_setting(request: web.Request) -> web.Response:
        return json_response(read_settings(file).get(request.match_info["id"]))

    async def post_settings(request: web.Request) -> web.Response:
        await workbench.workers.of(UPLOADS).run(change, await json_object(request))
        return web.Response()

    async def post_setting(request: web.Request) -> web.Response:
        await workbench.workers.of(UPLOADS).run(change, {request.match_info["id"]: await json_body(request)})
        return web.Response()

    return [
        ("GET", "/users", users),
        ("GET", "/settings", all_settings),
        ("GET", "/settings/{id}", one_setting),
        ("POST", "/settings", post_settings),
        ("POST", "/settings/{id}", post_setting),
    ]


def read_settings(file: Path) -> dict[str, Any]:
    """Return the saved settings over the defaults; the defaults alone when the file is missing or broken."""
    try:
        settings = strict_json.load_leniently(file.read_bytes())
    except (OSError, ValueError):
        settings = {}
    saved = settings if isinstance(settings, dict) else {}
    return DEFAULTS | {key: value for key, value in saved.items() if key != WITHHELD_SETTING}


def write_settings(file: Path, settings: dict[str, Any]) -> None:
    """Save all settings, atomically."""
    write_file(file, json.dumps(settings, indent=4, allow_nan=False).encode())

"""Serves the workbench: starts it, prints its address, and ends it cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import shutil
import signal
import socket
import sys
import webbrowser
from pathlib import Path
from typing import Final
from urllib.parse import quote

from aiohttp import web

from datasete.application import build_application, set_application
from datasete.errors import ConfigError, InvalidOption
from datasete.samples import place_photographs
from datasete.server.security import is_loopback
from datasete.workbench.access import PARAMETER
from datasete.workbench.app import build_app
from datasete.workbench.assets import PACK_NAME, find_frontend
from datasete.workbench.folders import Folders
from datasete.workbench.occupancy import occupied
from datasete.workbench.protocol import make_runner
from datasete.workbench.workbench import build_workbench

logger = logging.getLogger(__name__)

FIRST_EXAMPLE: Final = "1-route-a-photograph"


def serve(
    host: str = "127.0.0.1",
    port: int = 8198,
    *,
    data: str | Path,
    open_browser: bool = False,
    expose: bool = False,
    token: str = "",
    frontend: str | Path | None = None,
) -> None:
    """Serve until interrupted (Ctrl-C or SIGTERM).

    Args:
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one and says which.
        data: the folder for input, output and user data.
        open_browser: whether to open a browser on the first example.
        expose: allow an address that other machines can reach.
        token: what everyone must have who uses it; "" for none.
        frontend: a folder with a built frontend, instead of the installed package.

    Raises:
        ConfigError: it cannot start; the sentences say why and what to do.
    """
    # First of all: nothing may listen, and no folder may be created, before this is settled.
    loopback = is_loopback(host)
    if not loopback and not expose:
        raise InvalidOption(
            f"{host} can be reached from other machines, and the workbench has no login: anyone there could run "
            "workflows and read its folders.",
            hint="Nothing was started. Give --expose as well if that is what you want, and --token so that only those "
            "are let in who have the address that it prints.",
        )
    folder = Path(data).expanduser().resolve()
    static = find_frontend(Path(frontend).expanduser() if frontend else None)
    with (
        contextlib.closing(open_port(host, port)) as listening,
        occupied(folder),
        contextlib.suppress(KeyboardInterrupt),
    ):
        app = make_app(folder, static, loopback=loopback, token=token)
        asyncio.run(_run(app, listening, host, open_browser=open_browser, token=token))


def make_app(data: Path, frontend: Path | None = None, *, loopback: bool = True, token: str = "") -> web.Application:
    """Build the whole application over a data folder; the first start creates it and adds the photographs.

    Raises:
        ConfigError: the frontend is missing, or the configuration cannot be used.
    """
    static = find_frontend(frontend)
    prepare_folders(Folders(data))
    workbench = build_workbench(data, static)
    application = build_application(workbench.host)
    set_application(application)
    return build_app(workbench, application, loopback=loopback, token=token)


def prepare_folders(folders: Folders) -> None:
    """Create the folders; on the first start, copy the photographs into the samples' folder and the input folder.

    Raises:
        ConfigError: the folder cannot be written to.
    """
    try:
        if folders.prepare():
            for photograph in place_photographs(folders.input).iterdir():
                shutil.copyfile(photograph, folders.input / photograph.name)
    except OSError as error:
        reason = error.strerror or error
        raise InvalidOption(
            f"{folders.data} cannot be used: {reason}.", hint="Nothing was started. Name another with --data."
        ) from error


def has_desktop() -> bool:
    """Whether a browser could open a window; without one, a browser for terminals would take this terminal over."""
    return sys.platform in ("win32", "darwin") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def open_port(host: str, port: int) -> socket.socket:
    """Open the port before anything else starts, so that a taken one is the first thing known.

    Raises:
        ConfigError: it is taken or not allowed, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
        reason = "is in use or not allowed" if taken else f"cannot be opened ({error.strerror or error})"
        raise ConfigError(
            f"Port {port} on {host} {reason}.", hint="Nothing was started. Choose another with --port."
        ) from error


async def _run(app: web.Application, listening: socket.socket, host: str, *, open_browser: bool, token: str) -> None:
    runner = make_runner(app)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}/"
    query = f"template={FIRST_EXAMPLE}&source={PACK_NAME}"
    carried = f"?{PARAMETER}={quote(token)}" if token else ""
    example = f"{address}{carried}&{query}" if token else f"{address}?{query}"
    _print_lines(f"The workbench is at {address}{carried} — Ctrl-C ends it.", f"Its first example: {example}")
    if open_browser and has_desktop():
        webbrowser.open(example)
    try:
        await _wait_for_signal()
    finally:
        await runner.cleanup()


def _print_lines(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)  # noqa: T201 - what the user waits for


async def _wait_for_signal() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows: asyncio.run turns Ctrl-C into a cancellation by itself
            break
    with contextlib.suppress(asyncio.CancelledError):
        await stopped.wait()

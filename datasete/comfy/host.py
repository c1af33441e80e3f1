"""ComfyUI as the host: starts the pack inside it. ComfyUI is imported inside functions only."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from datasete.application import Application, build_application, is_started, set_application
from datasete.comfy.runs import ComfyRuns
from datasete.host.api import Run
from datasete.host.runs import RunQueue


class ComfyHost:
    """`datasete.host.api.Host` over a running ComfyUI.

    Args:
        server: its ``PromptServer``.
    """

    name = "ComfyUI"

    def __init__(self, server: Any) -> None:
        import folder_paths

        self._server = server
        self.input_dir = Path(folder_paths.get_input_directory())
        self.output_dir = Path(folder_paths.get_output_directory())
        self.user_dir = Path(folder_paths.get_user_directory())
        self.runs: RunQueue | None = ComfyRuns(server)

    @property
    def metadata(self) -> bool:
        """Whether ComfyUI runs without ``--disable-metadata``."""
        from comfy.cli_args import args

        return not args.disable_metadata

    def run(self) -> Run | None:
        """Return the run whose node is executing. ComfyUI runs one prompt at a time and keeps its client."""
        from comfy_execution.utils import get_executing_context

        context = get_executing_context()
        if context is None:
            return None
        return Run(context.prompt_id, context.node_id, context.list_index or 0, self._server.client_id)

    def interrupted(self) -> bool:
        """Read the flag that ComfyUI's own nodes read, without lowering it: other gates of the run must see it too."""
        from comfy.model_management import processing_interrupted

        return bool(processing_interrupted())

    def interruption(self) -> BaseException:
        """Return what ComfyUI raises for its own Cancel: the run ends without a traceback."""
        from comfy.model_management import InterruptProcessingException

        stop: BaseException = InterruptProcessingException()
        return stop

    def blocked(self) -> object:
        """Return a blocker without a message, which blocks silently."""
        from comfy_execution.graph_utils import ExecutionBlocker

        return ExecutionBlocker(None)

    def send(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        """Queue a message for the server's loop. After the loop has closed, no browser is left to receive it."""
        with contextlib.suppress(RuntimeError):
            self._server.send_sync(event, dict(data), client_id)


def start() -> bool:
    """Start the pack inside the running ComfyUI, once; return False when this process is not ComfyUI.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    server = running_server()
    if server is None:
        return False
    if not is_started():  # aiohttp does not start with the same route twice
        from comfy.cli_args import args

        from datasete.comfy.node_conflicts import others
        from datasete.server import bind  # with aiohttp, which is here already

        new = build_application(ComfyHost(server))
        # With its own switch, ComfyUI answers pages of other origins, or of one; so do we then.
        cors = getattr(args, "enable_cors_header", None)
        bind(server.routes, new, loopback=all_loopback(str(args.listen)), trusted_origins=(cors,) if cors else ())
        set_application(new)
        # On startup, and not now: only then have all packs loaded their nodes, without which the prompt of an
        # interrupted batch is not valid.
        server.app.on_startup.append(partial(_revive_batches, new))
        server.app.on_startup.append(partial(_report_others, others()))
    return True


async def _revive_batches(new: Application, app: object) -> None:
    del app
    threading.Thread(target=new.batches.revive, name="datasete-revive", daemon=True).start()


async def _report_others(before: Mapping[str, str], app: object) -> None:
    from datasete.comfy.node_conflicts import report

    del app
    report(before)


def is_running() -> bool:
    """Whether another copy of the pack has started inside this ComfyUI."""
    return running_server() is not None and is_started()


def running_server() -> Any | None:
    """Return ComfyUI's ``PromptServer`` if this process has one; no module called ``server`` is imported for it."""
    server_class = getattr(sys.modules.get("server"), "PromptServer", None)
    return getattr(server_class, "instance", None)


def all_loopback(listen: str) -> bool:
    """Whether every address in ``--listen`` (comma-separated) is a loopback address."""
    from datasete.server.security import is_loopback  # with aiohttp, which is here already

    return all(is_loopback(address.strip()) for address in listen.split(","))

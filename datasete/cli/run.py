"""The command ``datasete run WORKFLOW.json [--wait]``."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from datasete.cli.output import Commands, Result, print_result
from datasete.errors import InvalidInput, StoreUnavailable
from datasete.system import strict_json

DEFAULT_URL = "http://127.0.0.1:8198"
ANSWER_TIMEOUT_SECONDS = 60.0
"""How long a server may take to validate a workflow."""

MAX_ANSWER_BYTES = 10_000_000


def add_commands(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("run", parents=[common], help="run a workflow without a browser")
    parser.add_argument("workflow", type=Path, help="a workflow in API format (Workflow › Export (API))")
    parser.add_argument(
        "--wait",
        action="store_true",
        help="run it here, and batches to their end (default: queue it on a running server)",
    )
    parser.add_argument("--url", default=DEFAULT_URL, help="the server to queue it on (default: %(default)s)")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Run a workflow; return 0 when every run and batch succeeded."""
    graph = read_workflow(options.workflow)
    result = _run_here(options, graph) if options.wait else _queue_on_server(options.url, graph)
    return print_result(result, as_json=options.json)


def read_workflow(path: Path) -> Mapping[str, Any]:
    """Read a workflow in API format.

    Raises:
        InvalidInput: the file cannot be read, or holds something else.
    """
    try:
        graph = strict_json.load(path.read_bytes())
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror or error}.", hint="Nothing ran. Name a workflow's file."
        ) from error
    except ValueError as error:
        raise InvalidInput(
            f"{path} is not JSON: {str(error).rstrip('.')}.", hint="Nothing ran. Export the workflow again."
        ) from error
    graph = graph.get("prompt", graph) if isinstance(graph, dict) else None
    if not isinstance(graph, dict) or not graph or not all(map(_is_node, graph.values())):
        raise InvalidInput(
            f"{path} is not a workflow in API format.",
            hint="Nothing ran. Export it from the browser: Workflow › Export (API).",
        )
    return dict(graph)


def _is_node(node: object) -> bool:
    return (
        isinstance(node, dict)
        and isinstance(node.get("class_type"), str)
        and isinstance(node.get("inputs", {}), dict)
        and isinstance(node.get("_meta", {}), dict)
    )


class _WithoutTraceback(logging.Filter):
    """The reason that is printed in the end says what a person can do."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        return True


_WITHOUT_TRACEBACK = _WithoutTraceback()


def _run_here(options: argparse.Namespace, graph: Mapping[str, Any]) -> Result:
    # Here and not above: it brings the whole workbench, which a request to a server does not need.
    from datasete.workbench.workflow_run import run_workflow

    logging.getLogger("datasete.workbench.execution").addFilter(_WITHOUT_TRACEBACK)
    outcome = run_workflow(options.data, graph, _progress)
    data = {
        "good": outcome.good,
        "reason": outcome.reason,
        "runs": [{"id": end.prompt_id, "result": end.kind, "reason": end.reason} for end in outcome.runs],
        "batches": list(outcome.batches),
    }
    lines = [str(batch["status"]) for batch in outcome.batches]
    lines.append(outcome.reason if not outcome.good else f"Done: {len(outcome.runs)} runs.")
    return Result(data, lines, status=0 if outcome.good else 1)


def _progress(status: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{status}")
        sys.stderr.flush()


def _queue_on_server(url: str, graph: Mapping[str, Any]) -> Result:
    # urllib also opens file: and ftp: addresses.
    if not _is_address(url):
        raise InvalidInput(f"“{url}” is not a server's address.", hint="Nothing was queued. Give an http address.")
    headers = {"Content-Type": "application/json"}
    if token := os.environ.get("DATASETE_TOKEN"):  # of a server that was started with one
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked
        f"{url.rstrip('/')}/prompt", json.dumps({"prompt": graph}).encode(), headers
    )
    # No proxy: the server is on this machine or next to it, and a proxy from the environment would not find it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=ANSWER_TIMEOUT_SECONDS) as answer:
            prompt_id = str(json.loads(answer.read(MAX_ANSWER_BYTES))["prompt_id"])
    except urllib.error.HTTPError as error:
        with error:
            reason = _reason(error.read(MAX_ANSWER_BYTES))
            raise InvalidInput(
                f"{url} refuses the workflow: {reason}.", hint="Nothing was queued. Mend the workflow."
            ) from error
    except (OSError, ValueError, KeyError, TypeError, HTTPException) as error:
        raise StoreUnavailable(
            f"There is no answer from {url}.",
            hint="Nothing is known to be queued. Start `datasete serve`, or run it here with --wait.",
        ) from error
    return Result({"prompt_id": prompt_id}, [f"Queued as {prompt_id}."])


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        named = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        return bool(named) and url.isprintable() and " " not in url
    except ValueError:  # a port or an IPv6 address that is none
        return False


def _reason(body: bytes) -> str:
    try:
        error = json.loads(body)["error"]
        return f"{error['message']} {error.get('details', '')}".strip().rstrip(".")
    except (ValueError, KeyError, TypeError):
        return "no reason given"

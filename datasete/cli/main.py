"""Parses the command line and hands over to one function per command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from datasete import __version__
from datasete.application import Application, build_application
from datasete.cli import batch, bus, health, pool, run, serve
from datasete.cli.output import Answer, complain, script_host, show
from datasete.errors import DataseteError, InvalidInput, NotFound
from datasete.workbench.folders import default_data

BAD_INPUT = 2
FAILED = 1

HOSTS = (serve.run, run.run)
"""Commands that bring a host of their own."""

Command = Callable[[Application, argparse.Namespace], Answer]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0, 1 when it failed, 2 for bad input."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) if options.command in HOSTS else _run(options.command, options)
    except (InvalidInput, NotFound) as error:
        complain(error.message, error.hint, as_json=options.json, code=error.code)
        return BAD_INPUT
    except DataseteError as error:
        complain(error.message, error.hint, as_json=options.json, code=error.code)
        return FAILED
    except BrokenPipeError:
        # the reader of a pipe had enough, as in `datasete bus ls | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(command: Command, options: argparse.Namespace) -> int:
    with closing(build_application(script_host(options.data))) as application:
        return show(command(application, options), as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="datasete", description="Human-in-the-loop image workflows in ComfyUI.")
    parser.add_argument("--version", action="version", version=f"datasete {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="answer with one JSON document")
    common.add_argument(
        "--data",
        type=Path,
        default=default_data(),
        metavar="DIR",
        help="the folder with input/, output/ and user/; a ComfyUI folder is one (default: %(default)s)",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for module in (serve, run, health, bus, pool, batch):
        module.add_commands(commands, common)
    return parser


if __name__ == "__main__":
    sys.exit(main())

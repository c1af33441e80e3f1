"""Parses the command line and calls one function per command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from datasete import __version__
from datasete.application import PACK_ROOT, Application, build_application
from datasete.cli import batch, bus, health, pool, run, serve
from datasete.cli.output import Result, find_comfyui, print_error, print_result, script_host
from datasete.errors import DataseteError, InvalidInput, NotFound
from datasete.workbench.folders import default_data

BAD_INPUT = 2
FAILED = 1

COMMANDS_WITH_OWN_HOST = (serve.run, run.run)
"""These build an application over the embedded host; all others get one over the data folder alone."""

Command = Callable[[Application, argparse.Namespace], Result]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0, 1 when it failed, 2 for bad input."""
    options = _parser().parse_args(arguments)
    options.data = options.data or _data_of(options.command)
    try:
        return options.command(options) if options.command in COMMANDS_WITH_OWN_HOST else _run(options.command, options)
    # Apart from other failures: a script may correct its input, but can only try again otherwise.
    except (InvalidInput, NotFound) as error:
        print_error(error.message, error.hint, as_json=options.json, code=error.code)
        return BAD_INPUT
    except DataseteError as error:
        print_error(error.message, error.hint, as_json=options.json, code=error.code)
        return FAILED
    except BrokenPipeError:
        # The reader of a pipe had enough, as in `datasete bus ls | head`. Python flushes standard output once more at
        # exit, which would print the error after all.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(command: Command, options: argparse.Namespace) -> int:
    with closing(build_application(script_host(options.data))) as application:
        return print_result(command(application, options), as_json=options.json)


def _data_of(command: object) -> Path:
    # An embedded host never takes the folder of a ComfyUI that may be running: both would write to it.
    around = None if command in COMMANDS_WITH_OWN_HOST else find_comfyui(Path.cwd(), PACK_ROOT)
    return around or default_data()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="datasete", description="Human-in-the-loop image workflows in ComfyUI.")
    parser.add_argument("--version", action="version", version=f"datasete {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print the result as one JSON document")
    common.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="the folder that holds input/, output/ and user/, such as ComfyUI's own (default: the ComfyUI around this "
        f"folder or around Datasete; serve and run, and all others without one: {default_data()})",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for module in (serve, run, health, bus, pool, batch):
        module.add_commands(commands, common)
    return parser


if __name__ == "__main__":
    sys.exit(main())

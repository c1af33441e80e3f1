"""The command ``datasete serve``: the embedded host."""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import sys
import threading
import time
from pathlib import Path

from datasete.cli.output import Commands
from datasete.errors import ConfigError

LAST_WAIT_SECONDS = 0.5
MIN_TOKEN_LENGTH = 8
TOKEN_VARIABLE = "DATASETE_TOKEN"  # noqa: S105 - its name


def add_commands(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("serve", parents=[common], help="serve the ComfyUI frontend with these nodes")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=port_number, default=8198, help="port to listen on (default: %(default)s)")
    parser.add_argument("--open", action="store_true", help="open a browser")
    parser.add_argument(
        "--expose",
        action="store_true",
        help="allow an address that other machines can reach; without --token, anyone there can use it",
    )
    parser.add_argument(
        "--token",
        nargs="?",
        type=access_token,
        const=True,
        default=None,
        help="let in only those who have a token; it is made and printed, or given here or as DATASETE_TOKEN",
    )
    parser.add_argument(
        "--frontend", type=Path, metavar="DIR", help="a folder with a built frontend, used instead of the installed one"
    )
    parser.set_defaults(command=run)


def port_number(text: str) -> int:
    """Return the port that an option names; 0 takes a free one."""
    if not (text.isascii() and text.isdecimal() and int(text) < 1 << 16):
        raise argparse.ArgumentTypeError(f"“{text}” is not a port: a number from 0 to 65535.")
    return int(text)


def access_token(text: str) -> str:
    """Return the token that an option gives."""
    if len(text) < MIN_TOKEN_LENGTH or not text.isascii() or not text.isprintable() or " " in text:
        raise argparse.ArgumentTypeError(
            f"a token has at least {MIN_TOKEN_LENGTH} characters: letters, digits and signs, without spaces."
        )
    return text


def _chosen_token(given: str | bool | None) -> str:  # noqa: FBT001 - true for a bare option
    """Return the given token, or the environment's, or, for a bare ``--token``, a new one; "" when none is wanted."""
    own = os.environ.get(TOKEN_VARIABLE, "")
    if given is None and own:
        try:
            return access_token(own)
        except argparse.ArgumentTypeError as error:
            raise ConfigError(f"{TOKEN_VARIABLE} cannot be used: {error}", hint="Nothing was started.") from None
    return secrets.token_urlsafe(16) if given is True else given or ""


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    # Here and not above: the web server takes long to import, and no other command needs it.
    from datasete.workbench.serve import serve

    serve(
        options.host,
        options.port,
        data=options.data,
        open_browser=options.open,
        expose=options.expose,
        token=_chosen_token(options.token),
        frontend=options.frontend,
    )
    _leave_threads_that_hang()
    return 0


def _leave_threads_that_hang() -> None:
    """End the process now where threads still hang in a store: the interpreter would wait for them."""
    until = time.monotonic() + LAST_WAIT_SECONDS
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                logging.shutdown()
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(0)

"""Prints results, errors, tables and progress; and makes the host that commands run on."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from datasete.host.api import BareHost

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name
"""Where a command is added."""

T = TypeVar("T")

BAR_WIDTH: Final = 30
REDRAW_SECONDS: Final = 0.1


@dataclass
class Result:
    """What a command found.

    Attributes:
        data: for ``--json``.
        lines: for people.
        status: the exit status.
        notes: for ``--json`` as well: what `data` has no place for. It goes to standard error, as scripts parse the
            whole of standard output.
    """

    data: object
    lines: list[str] = field(default_factory=list)
    status: int = 0
    notes: dict[str, object] = field(default_factory=dict)


def print_result(result: Result, *, as_json: bool) -> int:
    """Print a result; return the exit status."""
    if as_json:
        print(json.dumps(result.data, indent=2, ensure_ascii=False))
        if result.notes:
            print(json.dumps(result.notes, ensure_ascii=False), file=sys.stderr)
    else:
        for line in result.lines:
            print(line)
    return result.status


def print_error(message: str, hint: str, *, as_json: bool, code: str = "invalid_input") -> None:
    """Print an error to standard error, in the form that was asked for."""
    if as_json:
        print(json.dumps({"error": {"code": code, "message": message, "hint": hint}}), file=sys.stderr)
    else:
        print(f"datasete: {message}" + (f"\n  {hint}" if hint else ""), file=sys.stderr)


def foreign_objects(count: int | None) -> str:
    """Return a sentence about objects in the bus's space that do not belong to it; "" when there are none."""
    if not count:
        return ""
    return (
        "1 other object lies there and is left alone."
        if count == 1
        else f"{count} other objects lie there and are left alone."
    )


def table(rows: Iterable[Sequence[str]], heads: Sequence[str]) -> list[str]:
    """Return lines of left-aligned columns under their heads; none when there are no rows."""
    cells = [list(row) for row in rows]
    if not cells:
        return []
    widths = [max(len(row[column]) for row in [list(heads), *cells]) for column in range(len(heads))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [list(heads), *cells]
    ]
    return [line.rstrip() for line in lines]


def progress(items: Iterable[T], total: int, what: str, *, quiet: bool = False) -> Iterator[T]:
    """Yield the items, while a bar on standard error shows how many of `total` are done."""
    # A bar in a log file is a line for every step.
    if quiet or total < 1 or not sys.stderr.isatty():
        yield from items
        return
    drawn = 0.0
    for done, item in enumerate(items):
        if time.monotonic() - drawn > REDRAW_SECONDS:
            # Not for each item: a terminal is slower than thousands of small files.
            drawn = time.monotonic()
            _draw(done, total, what)
        yield item
    _draw(total, total, what)
    sys.stderr.write("\n")


def _draw(done: int, total: int, what: str) -> None:
    full = BAR_WIDTH * done // total
    sys.stderr.write(f"\r{what} [{'#' * full}{' ' * (BAR_WIDTH - full)}] {done} of {total}")
    sys.stderr.flush()


def find_comfyui(start: Path, installed: Path) -> Path | None:
    """Return the ComfyUI folder that a command is meant for when it names none.

    Args:
        start: where the command was called; its folder and those above it are tried first.
        installed: where the pack is; it may lie in a ComfyUI's ``custom_nodes``.
    """
    tried = [folder for place in (start, installed) for folder in (place, *place.parents)]
    return next((folder for folder in tried if _is_comfyui(folder)), None)


def _is_comfyui(folder: Path) -> bool:
    return (folder / "custom_nodes").is_dir() and (folder / "comfy").is_dir()


def script_host(data: Path) -> BareHost:
    """Return a host for commands that work on a data folder without serving it. No folder is created."""
    return BareHost(data / "input", data / "output", data / "user", name="command line")

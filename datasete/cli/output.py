"""What commands share: adding themselves, printing answers and progress, and the host they run on."""

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


@dataclass
class Answer:
    """What a command found.

    Attributes:
        data: for ``--json``.
        lines: for people.
        status: the exit status.
        aside: for ``--json``, too: what `data` has no place for, told on standard error so that nobody parses it by
            surprise.
    """

    data: object
    lines: list[str] = field(default_factory=list)
    status: int = 0
    aside: dict[str, object] = field(default_factory=dict)


def show(answer: Answer, *, as_json: bool) -> int:
    """Print an answer; return the exit status."""
    if as_json:
        print(json.dumps(answer.data, indent=2, ensure_ascii=False))
        if answer.aside:
            print(json.dumps(answer.aside, ensure_ascii=False), file=sys.stderr)
    else:
        for line in answer.lines:
            print(line)
    return answer.status


def complain(message: str, hint: str, *, as_json: bool, code: str = "invalid_input") -> None:
    """Print an error to standard error, in the form that was asked for."""
    if as_json:
        print(json.dumps({"error": {"code": code, "message": message, "hint": hint}}), file=sys.stderr)
    else:
        print(f"datasete: {message}" + (f"\n  {hint}" if hint else ""), file=sys.stderr)


def told_foreign(count: int | None) -> str:
    """A sentence about objects in the bus's place that are none of its own; "" when there are none."""
    if not count:
        return ""
    return (
        "1 other object lies there and is left alone."
        if count == 1
        else f"{count} other objects lie there and are left alone."
    )


def table(rows: Iterable[Sequence[str]], heads: Sequence[str]) -> list[str]:
    """Left-aligned columns under their heads; nothing at all when there are no rows."""
    cells = [list(row) for row in rows]
    if not cells:
        return []
    widths = [max(len(row[column]) for row in [list(heads), *cells]) for column in range(len(heads))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [list(heads), *cells]
    ]
    return [line.rstrip() for line in lines]


T = TypeVar("T")

WIDTH: Final = 30
EVERY: Final = 0.1
"""Seconds between two drawings."""


def progress(items: Iterable[T], total: int, what: str, *, quiet: bool = False) -> Iterator[T]:
    """Yield the items while a bar on standard error shows how many of `total` are done."""
    if quiet or total < 1 or not sys.stderr.isatty():
        yield from items
        return
    drawn = 0.0
    for done, item in enumerate(items):
        if time.monotonic() - drawn > EVERY:
            drawn = time.monotonic()
            _draw(done, total, what)
        yield item
    _draw(total, total, what)
    sys.stderr.write("\n")


def _draw(done: int, total: int, what: str) -> None:
    full = WIDTH * done // total
    sys.stderr.write(f"\r{what} [{'#' * full}{' ' * (WIDTH - full)}] {done} of {total}")
    sys.stderr.flush()


def script_host(data: Path) -> BareHost:
    """A host for commands that work on a data folder without serving it. No folder is created."""
    return BareHost(data / "input", data / "output", data / "user", name="command line")

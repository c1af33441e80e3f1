"""How commands answer: a table or plain lines for people, one JSON document for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


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

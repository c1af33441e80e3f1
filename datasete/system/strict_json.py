"""JSON that every reader takes, and that no writer can break the program with.

Python reads and writes NaN and infinities, which are not JSON: a browser refuses the whole document. And what is nested
deeper than its stack can be read, but not written again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from json.decoder import JSONObject  # type: ignore[attr-defined]
from typing import Any, Final, NoReturn

MAX_DEPTH: Final = 200
LARGE_CHARACTERS: Final = 1 << 18

_TOO_DEEP: Final = f"It is nested deeper than {MAX_DEPTH} levels."


def dump(value: Any) -> str:
    """Return a value as JSON; NaN and infinities become null, and what JSON does not know becomes text."""
    try:
        return json.dumps(value, allow_nan=False, default=str)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False, default=str)


def load(data: bytes) -> Any:
    """Parse JSON in UTF-8.

    Raises:
        ValueError: it is not JSON, holds a number that JSON does not have, or is nested too deeply.
    """
    try:
        value = _decode(data.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    _check_depth(value)
    return value


def load_leniently(data: bytes) -> Any:
    """Parse JSON from a file that an earlier version wrote, with null for numbers that JSON does not have.

    Raises:
        ValueError: as for `load`.
    """
    try:
        return _finite(json.loads(data.decode("utf-8-sig")))
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def _decode(text: str) -> Any:
    decoder = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite_float)
    if len(text) > LARGE_CHARACTERS:
        # The fast scanner holds Python's lock until it is done. So it gets a node at a time, and other threads work in
        # between: the two outer levels, the prompts and their nodes, are read by the json module's Python code.
        decoder.scan_once = _level(_level(decoder.scan_once))  # type: ignore[attr-defined]
    return decoder.decode(text)


def _level(inner: Callable[[str, int], tuple[Any, int]]) -> Callable[[str, int], tuple[Any, int]]:
    memo: dict[str, str] = {}

    def scan(text: str, start: int) -> tuple[Any, int]:
        if text[start : start + 1] != "{":
            return inner(text, start)
        found: tuple[Any, int] = JSONObject((text, start + 1), True, inner, None, None, memo)  # noqa: FBT003 - strict
        return found

    return scan


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON.")


def _finite_float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is too large for a number.")
    return number


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    # Level by level instead of recursion, which is what must not happen here.
    while level := [
        item
        for outer in level
        for item in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
        if isinstance(item, (dict, list))
    ]:
        depth += 1
        if depth >= MAX_DEPTH:
            raise ValueError(_TOO_DEEP)

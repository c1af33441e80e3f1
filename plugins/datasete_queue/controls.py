"""How a control setting (``increment``, ``randomize``…) changes a widget's value, by the frontend's rules."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from datasete.plugin import InvalidInput

CONTROLS: Final = frozenset({"fixed", "increment", "decrement", "randomize", "increment-wrap"})
LARGEST: Final = 2**50
"""The frontend's limit, in either direction."""

FILTER_SECONDS: Final = 0.5
MAX_PATTERN: Final = 1000


def next_value(value: Any, control: str, spec: Sequence[Any], steps: int, pattern: str = "") -> Any:
    """Return the value after `steps` runs.

    Args:
        value: the current one.
        control: one of `CONTROLS`.
        spec: the input's entry in ``INPUT_TYPES()``: a type or a list of choices, and options.
        steps: how many runs; 0 changes nothing.
        pattern: for choices, the filter next to the control: a text they must contain, or ``/a regular expression/``.
    """
    if control == "fixed" or steps <= 0:
        return value
    options: Mapping[str, Any] = spec[1] if len(spec) > 1 and isinstance(spec[1], Mapping) else {}
    choices = spec[0] if isinstance(spec[0], list | tuple) else options.get("options")
    if choices is not None:
        return _next_choice(value, control, list(choices), steps, pattern)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return _next_number(value, control, options, steps)


def _next_number(value: float, control: str, options: Mapping[str, Any], steps: int) -> float:
    least: float = max(-LARGEST, options.get("min", 0))
    most: float = min(LARGEST, options.get("max", 2048))
    step: float = options.get("step", 1) or 1
    if control == "randomize":
        places = max(1, math.floor((most - least) / step))
        value = random.randrange(places) * step + least  # noqa: S311 - a seed, not a secret
    else:
        value += step * steps * (-1 if control == "decrement" else 1)
    return min(max(value, least), most)


def _next_choice(value: Any, control: str, choices: list[Any], steps: int, pattern: str) -> Any:
    matches = _filter(pattern)
    left = [choice for choice in choices if matches(str(choice))]
    if not left:
        return value
    at = left.index(value) if value in left else -1
    if control == "randomize":
        return random.choice(left)  # noqa: S311 - as above
    if control == "increment-wrap":
        return left[(at + steps) % len(left)]
    at += -steps if control == "decrement" else steps
    return left[min(max(at, 0), len(left) - 1)]


def _filter(pattern: str) -> Callable[[str], object]:
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        matches = _bounded(pattern)
        if matches is not None:
            return matches
    wanted = pattern.lower()
    return lambda choice: wanted in choice.lower()


def _bounded(pattern: str) -> Callable[[str], object] | None:
    """Return a search that may take `FILTER_SECONDS` for all choices together; None if it is not an expression.

    Some expressions would take years, and hold up the whole host.
    """
    import regex  # when it is needed: few workflows have such a filter

    if len(pattern) > MAX_PATTERN:
        raise _refused(pattern, f"is longer than {MAX_PATTERN} characters")
    try:
        search = regex.compile(pattern[1:-1]).search
    except (regex.error, OverflowError, RecursionError):
        return None
    until = time.monotonic() + FILTER_SECONDS

    def matches(choice: str) -> object:
        try:
            return search(choice, timeout=max(0.001, until - time.monotonic()))
        except TimeoutError as error:
            raise _refused(pattern, "takes too long to match the choices") from error

    return matches


def _refused(pattern: str, reason: str) -> InvalidInput:
    shown = pattern if len(pattern) <= 60 else f"{pattern[:60]}…"
    return InvalidInput(
        f"The filter “{shown}” beside a widget {reason}.",
        hint="The batch keeps its place. Simplify the filter, or set the widget's control to fixed.",
    )

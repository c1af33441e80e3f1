"""Resolves dynamic prompts, ``a {red|blue} coat``, by the rules of ComfyUI's page."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Final

MAX_DEPTH: Final = 20
"""How many choices may be inside each other; deeper ones stay as they are."""

_LINE_COMMENT: Final = re.compile("//[^\\n\\r\\u2028\\u2029]*")
_ESCAPED: Final = re.compile(r"\\([{}|])")

Choose = Callable[[Sequence[str]], str]


def resolve(text: str, choose: Choose = random.choice) -> str:
    r"""Return the text with one of each ``{…|…}`` chosen, without comments, and ``\{`` as a brace."""
    return _resolve(text, choose, 0)


def _resolve(text: str, choose: Choose, depth: int) -> str:
    if depth > MAX_DEPTH:
        return text
    text = _without_comments(text)
    parts: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            parts.append(text[at : at + 2])
            at += 2
        elif char == "{":
            options, at = _options(text, at + 1)
            parts.append(_resolve(choose(options), choose, depth + 1))
        else:
            parts.append(char)
            at += 1
    return _ESCAPED.sub(r"\1", "".join(parts))


def _without_comments(text: str) -> str:
    # Not by one expression: with many openings that nothing closes, it would look for the end again from each.
    parts: list[str] = []
    at, is_closed = 0, True
    while (start := text.find("/", at)) >= 0:
        end = text.find("*/", start + 2) if is_closed and text.startswith("/*", start) else -1
        line = _LINE_COMMENT.match(text, start)
        is_closed = is_closed and (end >= 0 or not text.startswith("/*", start))
        parts.append(text[at:start])
        if end >= 0:
            at = end + 2
        elif line:
            at = line.end()
        else:
            parts.append("/")
            at = start + 1
    return "".join([*parts, text[at:]])


def _options(text: str, at: int) -> tuple[list[str], int]:
    """Return the options of the choice that begins at `at`, and where it ends: with the text, if nothing closes it."""
    options, start, depth = [], at, 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "{":
            depth += 1
        elif char == "}" and not depth:
            break
        elif char == "}":
            depth -= 1
        elif char == "|" and not depth:
            options.append(text[start:at])
            start = at + 1
        at += 1
    return [*options, text[start:at]], at + 1

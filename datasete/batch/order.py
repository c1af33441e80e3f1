"""The natural order of many names, at a small multiple of the cost of a plain sort."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from datasete.ids import NUMBER, TEXT, TEXT_END, WHOLE_NAME, natural_text, same_name

FEW: Final = 500
"""Up to so many different shapes of names, a sort key is put together by slicing."""

_DIGITS: Final = re.compile(r"(\d+)")
_OTHER_DIGIT: Final = re.compile(r"(?![0-9])\d")
_ZEROS: Final = str.maketrans("123456789", "000000000")


def natural_order(names: Iterable[str]) -> list[str]:
    """Sort `names` as `datasete.ids.natural_key` does: ``img2`` before ``img10``, letters without case.

    Thousands of names in a folder usually have a handful of shapes (``IMG_0000.jpg``). Names of one shape are in
    natural order when they are in plain order, and keys for several shapes are made by slicing, not by parsing.
    """
    ordered = sorted(names)
    if len(ordered) < 2:
        return ordered
    shapes = _shapes(ordered)
    if shapes is None:
        width = max((len(run) for name in ordered for run in _DIGITS.findall(name)), default=1)
        return sorted(ordered, key=lambda name: natural_text(name, width))
    distinct = set(shapes)
    if len(distinct) == 1:
        return ordered
    return _by_width(ordered, shapes, distinct) or _by_shape(ordered, shapes, distinct)


def _shapes(names: Sequence[str]) -> list[str] | None:
    """Each name with its digits as zeros; None when there are digits of other scripts, or too many shapes."""
    joined = "\0".join(names)
    if not joined.isascii() and _OTHER_DIGIT.search(joined):
        return None
    shapes = joined.translate(_ZEROS).split("\0")
    return shapes if len(set(shapes)) <= FEW else None


def _by_width(names: list[str], shapes: list[str], distinct: set[str]) -> list[str] | None:
    """The common case ``IMG_1 … IMG_999``: one number without leading zeros, so that shorter means smaller."""
    if len({_DIGITS.sub("0", shape) for shape in distinct}) > 1 or len(_DIGITS.findall(shapes[0])) != 1:
        return None
    groups: dict[str, list[str]] = {shape: [] for shape in sorted(distinct, key=len)}
    for shape, name in zip(shapes, names, strict=True):
        groups[shape].append(name)
    at = shapes[0].index("0")
    narrowest = next(iter(groups))
    if any(group[0][at] == "0" for shape, group in groups.items() if shape != narrowest):
        return None
    return [name for group in groups.values() for name in group]


def _by_shape(names: list[str], shapes: list[str], distinct: set[str]) -> list[str]:
    width = max(len(run) for shape in distinct for run in [*_DIGITS.findall(shape), ""])
    recipes = {shape: _recipe(shape, width) for shape in distinct}
    # The names are in plain order already, and sorting is stable: ties are settled.
    keys = [_apply(recipes[shape], name) for shape, name in zip(shapes, names, strict=True)]
    return [names[index] for index in sorted(range(len(names)), key=keys.__getitem__)]


Recipe = tuple[tuple[str, int, int], ...]
"""Constant texts, each with the slice of the name that follows it."""


def _recipe(shape: str, width: int) -> Recipe:
    steps: list[tuple[str, int, int]] = []
    constant = ""
    at = 0
    for part in _DIGITS.split(shape):
        if part.isdecimal():
            steps.append((constant + NUMBER + "0" * (width - len(part)), at, at + len(part)))
            constant = ""
        elif part:
            constant += f"{TEXT}{same_name(part)}{TEXT_END}"
        at += len(part)
    return (*steps, (constant + WHOLE_NAME, 0, 0))


def _apply(recipe: Recipe, name: str) -> str:
    if len(recipe) == 2:  # one run of digits, by far the most common
        (before, start, stop), (after, _, _) = recipe
        return f"{before}{name[start:stop]}{after}"
    return "".join([text + name[start:stop] for text, start, stop in recipe])

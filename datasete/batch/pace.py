"""How fast a walk is, from the times at which its last files were done."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean
from typing import Final

RECENT: Final = 20
"""How many of the last files tell the pace."""

_LONGEST: Final = 0.1
"""The share of the longest steps that does not count; of two steps and more, one at least."""


def pace(began: int, ends: Sequence[int]) -> float | None:
    """Milliseconds a file; None when it cannot be told.

    The mean, since a folder may hold quick and slow files; but without its longest steps, since an hour at a gate, or
    a model that the first file waits for, says nothing of the files to come.

    Args:
        began: when the walk began or went on, in Unix milliseconds.
        ends: when the last files were done, the first of them first. What was before `began` does not count.
    """
    recent = [end for end in ends if end > began][-RECENT - 1 :]
    marks = recent if len(recent) > RECENT else [began, *recent]
    steps = sorted(later - earlier for earlier, later in pairwise(marks) if later > earlier)
    if not steps:
        return None
    count = max(1, int(len(steps) * _LONGEST)) if len(steps) > 1 else 0
    return fmean(steps[: len(steps) - count])

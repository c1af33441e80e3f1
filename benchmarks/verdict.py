"""How benchmarks measure, and how they say what they found: target, figure, verdict, and an exit status."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

TOLERANCE = 1 / 3
"""A figure may miss its target by this share before the benchmark fails: machines differ, and loads come and go."""


@dataclass(frozen=True)
class Figure:
    """One measured number and what it should be: at most `target`, or at least when `at_least`; None asks nothing."""

    name: str
    value: float
    target: float | None
    unit: str
    at_least: bool = False

    @property
    def miss(self) -> float:
        """By which share the target is missed; not positive when it is met."""
        if self.target is None:
            return 0
        have, want = (self.target, self.value) if self.at_least else (self.value, self.target)
        if want == 0:
            return 0 if have <= 0 else float("inf")
        return have / want - 1

    def line(self) -> str:
        """For a person."""
        if self.target is None:
            return f"{self.name:<58} {'no target':<{14 + len(self.unit)}} {self.value:>9.2f} {self.unit}"
        bound = "at least" if self.at_least else "at most"
        verdict = "met" if self.miss <= 0 else "missed, within a third" if self.miss <= TOLERANCE else "MISSED"
        return f"{self.name:<58} {bound} {self.target:g} {self.unit:<4} {self.value:>9.2f} {self.unit:<4} {verdict}"


def conclude(*figures: Figure) -> int:
    """Print every figure; return the exit status."""
    for figure in figures:
        print(figure.line())
    return int(any(figure.miss > TOLERANCE for figure in figures))


def best(*calls: Callable[[], object], turns: int) -> list[float]:
    """The best time of each call in milliseconds, the calls taking turns."""
    found = [float("inf")] * len(calls)
    for _ in range(turns):
        for place, call in enumerate(calls):
            began = time.perf_counter()
            call()
            found[place] = min(found[place], (time.perf_counter() - began) * 1e3)
    return found


def on_servers(*parts: Callable[[Path], Iterable[Figure]]) -> int:
    """Measure the parts, or those that the command line names, each in a folder of its own; return the exit status.

    They use the servers of the tests; what is not installed is named and left out.
    """
    import pytest

    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "kit"))
    figures: list[Figure] = []
    for part in [part for part in parts if not sys.argv[1:] or part.__name__ in sys.argv[1:]]:
        with tempfile.TemporaryDirectory() as folder:
            try:
                figures.extend(part(Path(folder)))
            except (ImportError, pytest.skip.Exception) as missing:
                print(f"{part.__name__} is left out: {missing}")
    return conclude(*figures)

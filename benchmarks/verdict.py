"""How benchmarks say what they found: target, figure, verdict, and an exit status."""

from __future__ import annotations

from dataclasses import dataclass

TOLERANCE = 1 / 3
"""A figure may miss its target by this share before the benchmark fails: machines differ, and loads come and go."""


@dataclass(frozen=True)
class Figure:
    """One measured number and what it should be: at most `target`, or at least when `at_least`."""

    name: str
    value: float
    target: float
    unit: str
    at_least: bool = False

    @property
    def miss(self) -> float:
        """By which share the target is missed; not positive when it is met."""
        ratio = self.target / self.value if self.at_least else self.value / self.target
        return ratio - 1

    def line(self) -> str:
        """For a person."""
        bound = "at least" if self.at_least else "at most"
        verdict = "met" if self.miss <= 0 else "missed, within a third" if self.miss <= TOLERANCE else "MISSED"
        return f"{self.name:<58} {bound} {self.target:g} {self.unit:<4} {self.value:>9.2f} {self.unit:<4} {verdict}"


def conclude(*figures: Figure) -> int:
    """Print every figure; return the exit status."""
    for figure in figures:
        print(figure.line())
    return int(any(figure.miss > TOLERANCE for figure in figures))

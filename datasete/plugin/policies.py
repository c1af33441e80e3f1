"""What policies decide about gates, and what the configuration tells them; part of `datasete.plugin`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PolicyChoice:
    """Which policy the configuration asks for: its section ``gates``.

    Attributes:
        name: ``after``, ``headless``, or the name that a plugin's own policy goes by; "" when none is asked for.
        route: the route to take, 1..10. The gate at hand may have fewer.
        after_s: how long to leave a person alone with the gate, in seconds.
        options: further settings for a policy; may hold secrets, so they are never shown, logged or sent.
    """

    name: str = ""
    route: int = 1
    after_s: float = 60.0
    options: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Decision:
    """A policy's answer to a gate.

    Attributes:
        route: 1-based; None leaves the gate to a person, and no further policy is asked.
        after_s: how many seconds a person has first, counted from when the gate is shown with its countdown.
        reason: a sentence for people, shown beside the countdown and logged with the answer.
    """

    route: int | None
    after_s: float = 0.0
    reason: str = ""

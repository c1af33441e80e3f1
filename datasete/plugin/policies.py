"""The types of gate policies: their settings, and their answers. Re-exported by `datasete.plugin`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PolicyChoice:
    """The policy that the configuration names, in its section ``gates``.

    Attributes:
        name: ``after``, ``headless``, or the name of a plugin's own policy; "" for none.
        route: the route to take, 1..10. The gate may have fewer.
        after_s: how many seconds to leave the gate to a person.
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

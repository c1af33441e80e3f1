"""What every step of the protocol is handed: where to write, whom to send, what time it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from datasete.bus.conditions import Conditions
from datasete.bus.errands import Errands
from datasete.bus.layout import new_token
from datasete.bus.models import Origin
from datasete.storage import Storage

ATTEMPTS: Final = 100
"""How often a step starts again because somebody else was faster."""

GRACE: Final = 2 * 24 * 3600.0
"""Seconds before a version that was never committed is taken for the remains of a crash."""


@dataclass(frozen=True)
class Desk:
    """One bus's tools.

    Attributes:
        storage: the bus space.
        store: the same with conditions.
        errands: threads for what may run beside or behind a publish.
        history: how many replaced versions a slot keeps.
        clock: Unix seconds; goes on while the machine sleeps.
        sleep: waits for seconds.
    """

    storage: Storage
    store: Conditions
    errands: Errands
    history: int = 5
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], object] = field(default=time.sleep)

    def token(self, origin: Origin) -> str:
        """A fresh token."""
        return new_token(self.clock(), origin)

    def pause(self, attempt: int) -> None:
        """Wait a little before attempt number `attempt` (0-based); the first few follow at once."""
        if attempt >= 3:
            self.sleep(min(0.005 * attempt, 0.1))

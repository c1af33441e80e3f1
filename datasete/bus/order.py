"""The order of a slot's history: each publish has a higher number than what it replaced.

Clocks do not decide it, because those of publishers and stores differ and go back. The number of a publish is in the
seal of its image. A note beside the versions repeats it, so that the order is known without reading the pictures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from datasete.bus.context import BusContext
from datasete.bus.layout import order_key, order_prefix, parse_order
from datasete.bus.snapshot import SlotSnapshot
from datasete.imaging.seal import MAX_NUMBER


@dataclass(frozen=True)
class Order:
    """The notes of a slot: the highest number of each version."""

    numbers: Mapping[str, int]

    @property
    def latest(self) -> int:
        """The highest number of all; 0 without a note."""
        return max(self.numbers.values(), default=0)

    def number_of(self, snapshot: SlotSnapshot) -> int:
        """The number of a sealed image; 0 if neither its seal nor the notes can tell.

        That is so if it was published before there were numbers, or copied here by hand: from another slot, or from the
        history.
        """
        if snapshot.number > self.latest or self.numbers.get(snapshot.token) == self.latest > 0:
            return max(snapshot.number, self.latest)
        return 0


def read_order(context: BusContext, slot: str) -> Order:
    """List the notes of `slot`."""
    prefix = order_prefix(slot)
    found = (parse_order(entry.key.removeprefix(prefix)) for entry in context.storage.entries(prefix))
    return Order({version: number for number, version in sorted(filter(None, found))})


def note_order(context: BusContext, slot: str, number: int, version: str) -> None:
    """Note that `version` has place `number`."""
    context.storage.write(order_key(slot, number, version), b"\n")


def forget_order(context: BusContext, slot: str, version: str) -> None:
    """Delete the notes on `version`."""
    prefix = order_prefix(slot)
    keys = [entry.key for entry in context.storage.entries(prefix) if entry.key.endswith(f"-{version}")]
    context.conditional.delete(*keys)


def after(number: int) -> int:
    """The number of what is published over `number`."""
    return min(number + 1, MAX_NUMBER)

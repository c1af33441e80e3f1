"""The bus: named slots that hold a picture with its mask, published atomically and read consistently.

`Bus` is the service that nodes, routes and commands call; the other modules are the steps of the publication protocol,
which docs/publication.md describes. Bytes only: nothing here knows tensors, nodes or routes.
"""

from __future__ import annotations

from datasete.bus.models import FirstFrame, Published, Slot, SlotInfo, SlotList, Version
from datasete.bus.service import Bus

__all__ = ["Bus", "FirstFrame", "Published", "Slot", "SlotInfo", "SlotList", "Version"]

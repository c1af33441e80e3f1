"""Gates: points at which a run waits for a person. The server keeps them open, so no browser tab has to stay open."""

from __future__ import annotations

from datasete.gates.seen_node import SeenNode, find_seen_node
from datasete.gates.service import Gates
from datasete.gates.session import (
    CANCEL,
    RETRY,
    Answer,
    GateView,
    PaintedMasks,
    Preview,
    PublishFailure,
    Session,
    read_message,
)

__all__ = [
    "CANCEL",
    "RETRY",
    "Answer",
    "GateView",
    "Gates",
    "PaintedMasks",
    "Preview",
    "PublishFailure",
    "SeenNode",
    "Session",
    "find_seen_node",
    "read_message",
]

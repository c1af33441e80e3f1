"""Gates: places in a run that wait for a person, held by the server and not by a browser tab."""

from __future__ import annotations

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
    "Session",
    "read_message",
]

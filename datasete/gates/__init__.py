"""Gates: places in a run that wait for a person, held by the server and not by a browser tab."""

from __future__ import annotations

from datasete.gates.service import Gates
from datasete.gates.session import CANCEL, RETRY, Answer, Painted, Preview, Scene, Session, Trouble, read_message

__all__ = [
    "CANCEL",
    "RETRY",
    "Answer",
    "Gates",
    "Painted",
    "Preview",
    "Scene",
    "Session",
    "Trouble",
    "read_message",
]

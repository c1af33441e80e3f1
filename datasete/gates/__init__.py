"""Gates: places in a run that wait for a person, held by the server and not by a browser tab."""

from __future__ import annotations

from datasete.gates.painted import Painted
from datasete.gates.service import Gates
from datasete.gates.session import CANCEL, Answer, Preview, Scene, Session, read_message

__all__ = ["CANCEL", "Answer", "Gates", "Painted", "Preview", "Scene", "Session", "read_message"]

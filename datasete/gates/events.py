"""What browsers are told about gates. Pictures never travel here; whoever wants one fetches its preview."""

from __future__ import annotations

from typing import Final

from datasete.gates.session import Session

SHOW: Final = "datasete-gate-show"
CLOSED: Final = "datasete-gate-closed"
CHANGED: Final = "datasete-gates-changed"


def preview_path(token: str, frame: int = 0) -> str:
    """Where a frame's preview is served, below the server's root and below ``/api``."""
    return f"/datasete_gate/preview/{token}/{frame}"


def shown(session: Session, now: float) -> dict[str, object]:
    """All that a browser needs to show a gate: the payload of `SHOW`, and a line of the list of open gates.

    ``opened`` is in Unix seconds; ``elapsed`` and ``slot_age`` are seconds up to `now`, so that no browser's clock
    matters; ``slot`` is "" and ``slot_age`` None when the picture came by wire.
    """
    gate, modified = session.gate, session.scene.slot_modified
    return {
        "id": gate.node_id,
        "token": session.token,
        "routes": gate.routes,
        "frames": gate.frames,
        "width": gate.width,
        "height": gate.height,
        "preview": preview_path(session.token),
        "prompt_id": gate.prompt_id,
        "list_index": gate.list_index,
        "workflow": session.scene.workflow,
        "opened": session.opened,
        "elapsed": max(0.0, now - session.opened),
        "slot": gate.slot,
        "slot_age": None if modified is None else max(0.0, now - modified),
        "masked": session.mask is not None,
    }


def closed(session: Session, reason: str) -> dict[str, object]:
    """The payload of `CLOSED`; by then the token is dead."""
    return {"id": session.gate.node_id, "token": session.token, "reason": reason}

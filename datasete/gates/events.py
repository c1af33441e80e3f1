"""What browsers are told about gates. Pictures never travel here; whoever wants one fetches its preview."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from datasete.gates.session import Session

logger = logging.getLogger(__name__)

SHOW: Final = "datasete-gate-show"
CLOSED: Final = "datasete-gate-closed"
CHANGED: Final = "datasete-gates-changed"


class Notify(Protocol):
    """Sends a message to one browser tab, or to all; from any thread, without blocking."""

    def __call__(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        """Send `data` as `event`; to all when `client_id` is None."""


class Announcer:
    """Tells browsers; a message that cannot be sent is logged and missed by nobody: the list of open gates has it all.

    Args:
        notify: sends a message.
        clock: Unix seconds.
    """

    def __init__(self, notify: Notify, clock: Callable[[], float]) -> None:
        self._notify = notify
        self._clock = clock

    def show(self, session: Session) -> None:
        """Show a gate to the tab that queued its run, if one did."""
        client_id = session.view.client_id
        if client_id is not None:
            self._tell(SHOW, gate_payload(session, self._clock()), client_id)

    def close(self, session: Session, reason: str) -> None:
        """Tell everyone that a gate is gone."""
        self._tell(CLOSED, closed_payload(session, reason))

    def change(self) -> None:
        """Tell everyone that the list of open gates, or one of them, is not what it was."""
        self._tell(CHANGED, {})

    def _tell(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        try:
            self._notify(event, data, client_id)
        except Exception:
            # A browser that was not told finds the gate in the list; the run must not fail for it.
            logger.exception("The message %s could not be sent.", event)


def preview_path(token: str, frame: int = 0) -> str:
    """Where a frame's preview is served, below the server's root and below ``/api``."""
    return f"/datasete_gate/preview/{token}/{frame}"


def gate_payload(session: Session, now: float) -> dict[str, object]:
    """All that a browser needs to show a gate: the payload of `SHOW`, and a line of the list of open gates.

    ``opened`` is in Unix seconds; ``elapsed`` and ``slot_age`` are seconds up to `now`, so that no browser's clock
    matters; ``slot`` is "" and ``slot_age`` None when the picture came by wire. ``policy`` is what happens when nobody
    answers: its ``route``, when (``at`` in Unix seconds, ``left`` in seconds from `now`) and a ``reason``; None when
    nothing does. ``masked`` says whether anything was painted, ``masks_differ`` whether single frames have a mask of
    their own. ``list`` is the place in the node's list input, ``index`` from 0, and how many items are known so far;
    None while only one is. ``batch`` is the file of a batch that it is about: ``index`` from 0, ``total``,
    ``filename``; None when it is none. ``trouble`` is why the gate asks again after a choice, with a ``message`` and a
    ``hint`` for people and the ``route`` that was chosen; None when nothing failed.
    """
    gate, modified = session.gate, session.view.slot_modified
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
        "workflow": session.view.workflow,
        "opened": session.opened,
        "elapsed": max(0.0, now - session.opened),
        "slot": gate.slot,
        "slot_age": None if modified is None else max(0.0, now - modified),
        "masked": bool(session.mask),
        "masks_differ": session.masks_differ,
        "policy": _policy(session, now),
        "batch": session.view.batch,
        "trouble": _failure(session),
        "list": {"index": gate.list_index, "count": session.items} if session.items > 1 else None,
    }


def closed_payload(session: Session, reason: str) -> dict[str, object]:
    """The payload of `CLOSED`; by then the token is dead."""
    return {"id": session.gate.node_id, "token": session.token, "reason": reason}


def _failure(session: Session) -> dict[str, object] | None:
    failure = session.failure
    return {"message": failure.message, "hint": failure.hint, "route": failure.route} if failure else None


def _policy(session: Session, now: float) -> dict[str, object] | None:
    decision, due = session.decision, session.due
    if decision is None or due is None:
        return None
    return {"route": decision.route, "at": due, "left": max(0.0, due - now), "reason": decision.reason}

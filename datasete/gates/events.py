"""The events about gates that browsers receive. They never contain pictures; browsers fetch previews separately."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from datasete.gates.session import Session

logger = logging.getLogger(__name__)

SHOW: Final = "datasete-gate-show"
CLOSED: Final = "datasete-gate-closed"
CHANGED: Final = "datasete-gates-changed"
UNASKED: Final = "datasete-gate-unasked"

# Why a gate is closed.
ANSWERED: Final = "answered"
POLICY: Final = "policy"
STOPPED: Final = "stopped"
ENDED: Final = "ended"
INTERRUPTED: Final = "interrupted"
FAILED: Final = "failed"
SHUTDOWN: Final = "shutdown"


class Notify(Protocol):
    """Sends an event to one browser tab or to all. Callable from any thread; never blocks."""

    def __call__(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        """Send `data` as `event`, to all tabs if `client_id` is None."""


class Announcer:
    """Sends events about gates. One that cannot be sent is only logged, because the list of open gates holds it all.

    Args:
        notify: sends an event.
        clock: Unix seconds.
    """

    def __init__(self, notify: Notify, clock: Callable[[], float]) -> None:
        self._notify = notify
        self._clock = clock

    def show(self, session: Session) -> None:
        """Show a gate in the tab that queued its run, if there is one."""
        client_id = session.view.client_id
        if client_id is not None:
            self._send(SHOW, gate_payload(session, self._clock()), client_id)

    def close(self, session: Session, reason: str, by: str = "") -> None:
        """Announce to all tabs that a gate is closed; `by` is the node at which its run was stopped."""
        self._send(CLOSED, closed_payload(session, reason, by))

    def unasked(self, node_id: str, workflow: str, message: str, hint: str = "") -> None:
        """Announce to all tabs why a gate let nothing pass, or failed, without an answer to say so."""
        self._send(UNASKED, {"id": node_id, "workflow": workflow, "message": message, "hint": hint})

    def change(self) -> None:
        """Announce to all tabs that the list of open gates or one of them changed."""
        self._send(CHANGED, {})

    def _send(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        try:
            self._notify(event, data, client_id)
        except Exception:
            # A browser that misses the event finds the gate in the list. The run must not fail because of it.
            logger.exception("The event %s could not be sent.", event)


def preview_path(token: str, frame: int = 0) -> str:
    """The path of a frame's preview, below the server's root and below ``/api``."""
    return f"/datasete_gate/preview/{token}/{frame}"


def gate_payload(session: Session, now: float) -> dict[str, object]:
    """All that a browser needs to show a gate: the payload of `SHOW`, and an entry of the list of open gates.

    ``opened`` is in Unix seconds; ``elapsed`` and ``slot_age`` are seconds up to `now`, so that browsers' clocks do not
    matter; ``slot`` is "" and ``slot_age`` None if the picture came through a wire. ``policy`` is what happens without
    an answer: its ``route``, when (``at`` in Unix seconds, ``left`` in seconds from `now`) and a ``reason``; None if
    nothing does. ``masked`` says whether anything was painted, ``paintings`` how often, ``tinted`` whether there is a
    mask to show, and ``masks_differ`` whether frames have different masks.
    ``list`` is the position in the node's list input, ``index`` from 0, and the ``count`` of items known so far; None
    while there is only one. ``batch`` is the file of a batch that the gate shows: ``index`` from 0, ``total``,
    ``filename``; None without a batch. ``display`` is the node at which a person sees the gate: not ``id`` when that is
    a copy that a loop made; ``title`` and ``labels`` are what it and its routes are called. ``trouble`` is why the gate
    asks again after a choice, with a ``message`` and a ``hint`` for people and the ``route`` that was chosen; None if
    nothing failed.
    """
    gate, modified, seen = session.gate, session.view.slot_modified, session.view.seen
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
        "display": seen.node_id or gate.node_id,
        "title": seen.title,
        "labels": list(seen.labels),
        "opened": session.opened,
        "elapsed": max(0.0, now - session.opened),
        "slot": gate.slot,
        "slot_age": None if modified is None else max(0.0, now - modified),
        "masked": bool(session.mask),
        "paintings": session.paintings,
        "tinted": bool(session.mask or session.view.slot_masks),
        "masks_differ": session.masks_differ,
        "policy": _policy(session, now),
        "batch": session.view.batch,
        "trouble": _failure(session),
        "list": {"index": gate.list_index, "count": session.items} if session.items > 1 else None,
    }


def closed_payload(session: Session, reason: str, by: str = "") -> dict[str, object]:
    """The payload of `CLOSED`. The token is no longer valid by then.

    ``by`` is the node at which a run was stopped; a run that is ``interrupted`` was cancelled elsewhere.
    """
    payload: dict[str, object] = {"id": session.gate.node_id, "token": session.token, "reason": reason}
    return payload | {"by": by} if by else payload


def _failure(session: Session) -> dict[str, object] | None:
    failure = session.failure
    return {"message": failure.message, "hint": failure.hint, "route": failure.route} if failure else None


def _policy(session: Session, now: float) -> dict[str, object] | None:
    decision, due = session.decision, session.due
    if decision is None or due is None:
        return None
    return {"route": decision.route, "at": due, "left": max(0.0, due - now), "reason": decision.reason}

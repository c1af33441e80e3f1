"""The open gates: which one a node displays, and which one a request means."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from datasete.errors import Conflict, InvalidInput, NotFound
from datasete.gates.session import Session


def same_run(one: Session, other: Session) -> bool:
    """Whether both gates wait in the same run."""
    return one.gate.prompt_id == other.gate.prompt_id


def same_node(one: Session, other: Session) -> bool:
    """Whether both gates wait at the same node of the same run."""
    return same_run(one, other) and one.gate.node_id == other.gate.node_id


def pick_displayed(sessions: Iterable[Session]) -> Session | None:
    """The gate that a node displays: one that was displayed before, or else the first item, or else the oldest."""
    return min(sessions, key=lambda session: (not session.seen, session.gate.list_index), default=None)


def displayed_gates(sessions: list[Session]) -> list[Session]:
    """The displayed gates of all nodes."""
    nodes: dict[tuple[str, str], list[Session]] = {}
    for session in sessions:
        nodes.setdefault((session.gate.prompt_id, session.gate.node_id), []).append(session)
    return [shown for group in nodes.values() if (shown := pick_displayed(group))]


def count_items(newcomer: Session, sessions: Iterable[Session]) -> None:
    """Update the known length of the list in every gate of the newcomer's node; the host never announces it."""
    group = [session for session in sessions if same_node(session, newcomer)]
    items = max(max(session.items, session.gate.list_index + 1) for session in group)
    for session in group:
        session.items = items


class OpenGates:
    """The open sessions by token, oldest first. Hold `lock` for any change, and for more than one read."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # reentrant, because the service calls these methods under the same lock
        self._open: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, session: Session) -> bool:
        return session.token in self._open

    def add(self, session: Session) -> None:
        """Make a session available to requests."""
        with self.lock:
            self._open[session.token] = session

    def remove(self, session: Session) -> bool:
        """Take a session out; False if it was already out. Only one caller gets True, and that one closes the gate."""
        with self.lock:
            return self._open.pop(session.token, None) is not None

    def sessions(self) -> list[Session]:
        """A copy of the list of open sessions."""
        with self.lock:
            return list(self._open.values())

    def displayed(self, session: Session) -> Session | None:
        """The session that the node of `session` displays in its run; None if none is open there."""
        return pick_displayed(other for other in self.sessions() if same_node(other, session))

    def find(self, token: str) -> Session:
        """The open session with this token.

        Raises:
            NotFound: there is none, or no longer.
        """
        with self.lock:
            session = self._open.get(token)
        if session is None:
            raise NotFound(
                "This gate is not open any more.",
                hint="Nothing was changed. Run the workflow again to see its pictures.",
            )
        return session

    def locate(self, node_id: str = "", token: str = "") -> Session:
        """The open session that a request means: by its token, or the one that a node displays.

        Raises:
            InvalidInput: `token` belongs to another node.
            Conflict: the gate is closed, or `node_id` alone does not say which run is meant.
        """
        if token:
            return self._with_token(node_id, token)
        sessions = self.sessions()
        waiting = [session for session in sessions if session.gate.node_id == node_id] or [
            session for session in sessions if session.view.seen.node_id == node_id
        ]
        if not waiting:
            raise gone()
        # Guessing a run would send a picture down a route that nobody chose for it.
        if not all(same_run(session, waiting[0]) for session in waiting):
            raise Conflict(
                f"Two runs wait at the node {node_id[:40]}, and the request does not say which is meant.",
                hint="Both still wait. Send the token of one of them.",
            )
        return pick_displayed(waiting) or waiting[0]

    def _with_token(self, node_id: str, token: str) -> Session:
        with self.lock:
            session = self._open.get(token)
        if session is None:
            raise gone()
        if node_id and node_id != session.gate.node_id:
            raise InvalidInput(
                "The token belongs to another node's gate.", hint="Nothing was changed. Send that node's id, or none."
            )
        return session


def gone() -> Conflict:
    """The error for an answer that arrives too late."""
    return Conflict(
        "This gate is not open any more: it was answered already, or its run has ended.",
        hint="Nothing was changed by this answer. To answer differently, run the workflow again.",
    )

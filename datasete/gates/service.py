"""The service that opens, lists, answers and ends gates."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from datasete.errors import InvalidInput, TooLarge
from datasete.gates import events
from datasete.gates.open_gates import OpenGates, count_items, displayed_gates, gone, same_run
from datasete.gates.session import Answer, GateView, PaintedMasks, PublishFailure, Session
from datasete.gates.turns import Turns
from datasete.plugin import Decision, Gate

logger = logging.getLogger(__name__)

INTERRUPT_POLL_SECONDS: Final = 0.1
"""How often the host's interrupt flag is polled, because the host does not interrupt an await."""

Policy: TypeAlias = Callable[[Gate], "Decision | None"]
"""Decides about a gate, or leaves it to a person (None). Runs on its own thread; never raises; may be slow."""


class Observers(Protocol):
    """Receives notifications about gates. Its methods never block and never raise."""

    def gate_opened(self, gate: Gate) -> None:
        """A gate waits for a person."""

    def gate_answered(self, gate: Gate, route: int | None, decision: Decision | None = None) -> None:
        """A gate was answered, by a policy if there is a `decision`. `route` is None if its run was stopped there."""


class Gates:
    """All open gates of this process. Every method may be called from any thread.

    Args:
        notify: sends events to browsers.
        observers: notified of every gate that opens or is answered.
        clock: Unix seconds.
        policy: asked once about each gate that opens.
    """

    def __init__(
        self,
        notify: events.Notify,
        observers: Observers,
        clock: Callable[[], float] = time.time,
        policy: Policy | None = None,
    ) -> None:
        self._announce = events.Announcer(notify, clock)
        self._observers = observers
        self._clock = clock
        self._policy = policy
        self.unasked = self._announce.unasked
        self.turns = Turns()
        self._open = OpenGates()
        # Events are sent under this lock, so that browsers receive them in the order in which things happened.
        self._lock = self._open.lock

    async def ask(
        self, gate: Gate, view: GateView, interrupted: Callable[[], bool], failure: PublishFailure | None = None
    ) -> Answer:
        """Open a gate and sleep until it is answered. The session ends with this call, however it ends.

        Args:
            gate: the gate to open.
            view: what it shows, and to which tab; without a client, browsers only learn that the list changed.
            interrupted: the host's interrupt flag.
            failure: what failed after the last answer, when the same gate asks again.

        Returns:
            The answer; its route is None when the run was stopped at a gate or interrupted.
        """
        painted = failure.mask if failure else PaintedMasks()
        session = Session(gate, view, self._clock(), painted, failure=failure)
        reason = events.ENDED
        try:
            self.open(session)
            answer = await session.answered(interrupted, INTERRUPT_POLL_SECONDS)
            reason = events.INTERRUPTED  # unless the gate is closed by now, as it is after an answer or a stop
            return answer
        finally:  # also when the run is cancelled, because a gate without a run cannot be answered
            self._leave(session, reason)

    def open(self, session: Session) -> None:
        """Show a session and accept answers to it. The caller waits for one with `Session.answered`."""
        with self._lock:
            self._open.add(session)
            count_items(session, self._open.sessions())
            if self._open.displayed(session) is session:
                self._show(session)
            self._announce.change()
        # Outside the lock: an observer or a policy may take its time, or answer the gate itself.
        self._observers.gate_opened(session.gate)
        if self._policy is not None:
            self._ask_policy(session, self._policy)

    def choose(self, route: int | None, node_id: str = "", token: str = "") -> None:
        """Answer a gate, by its token or as the one that a node displays; None stops the gate's run and no other.

        Raises:
            InvalidInput: the gate has no such route, or `token` belongs to another node; the gate still waits.
            Conflict: somebody was faster, the gate is closed, or `node_id` alone does not say which run is meant.
        """
        # The first answer wins: one lock for finding and taking out the session, and a Conflict for all later ones.
        with self._lock:
            session = self.locate(node_id, token)
            if route is not None and not 1 <= route <= session.gate.routes:
                raise InvalidInput(
                    f"The gate has {session.gate.routes} routes, and {route} is none of them.",
                    hint="It still waits. Choose one of its routes.",
                )
            if route is None:
                stopped = [other for other in self._open.sessions() if same_run(other, session)]
                self._end(stopped, events.STOPPED, session.gate.node_id)
            elif not session.wake(Answer(route, session.mask, session.token)):  # its run ended without closing it
                self._leave(session, events.ENDED)
                raise gone()
            else:
                self._leave(session, events.ANSWERED)
        self._observers.gate_answered(session.gate, route)

    def retry(self, node_id: str = "", token: str = "") -> None:
        """Repeat the last answer to a gate that asks again, with the masks as they are now.

        Raises:
            InvalidInput: nothing failed at this gate, or `token` belongs to another node; the gate still waits.
            Conflict: see `choose`.
        """
        with self._lock:
            session = self.locate(node_id, token)
            if session.failure is None:
                raise InvalidInput("Nothing failed at this gate.", hint="It still waits. Choose a route.")
        self.choose(session.failure.route, token=session.token)

    def attach_mask(
        self, token: str, mask: bytes | None, frame: int | None = None, *, max_bytes: int | None = None
    ) -> None:
        """Keep a painted mask (a checked PNG) at a gate until it is answered; None removes it.

        Painting shows that a person is working on the gate, so it also cancels the countdown.

        Args:
            token: the token of the gate.
            mask: white is painted.
            frame: its frame, from 0; None for all frames, which replaces the masks of single frames.
            max_bytes: the limit for all masks of the gate together; None for no limit.

        Raises:
            InvalidInput: the gate has no such frame.
            TooLarge: the masks would exceed the limit; they are left as they were.
            Conflict: the gate is closed.
        """
        with self._lock:
            session = self.locate(token=token)
            if frame is not None and not 0 <= frame < session.gate.frames:
                raise InvalidInput(
                    f"The gate shows {session.gate.frames} frames, and number {frame} (from 0) is none of them.",
                    hint="Its masks were left as they were. Send one of its frames.",
                )
            painted = session.mask.with_mask(mask, frame)
            if max_bytes is not None and painted.size > max_bytes:
                raise TooLarge(
                    f"The masks of a gate may take {max_bytes:,} bytes.",
                    hint="They were left as they were. Paint fewer frames, or raise limits.image_bytes.",
                )
            session.mask = painted
            session.paintings += 1
            self.cancel_countdown(token=token)
            self._announce.change()

    def cancel_countdown(self, node_id: str = "", token: str = "") -> None:
        """Cancel a gate's countdown for good, because a person is working on it. Also prevents one that has not begun.

        Raises:
            InvalidInput: `token` belongs to another node.
            Conflict: the gate is closed, or `node_id` alone does not say which run is meant.
        """
        with self._lock:
            session = self.locate(node_id, token)
            session.attended = True
            if session.due is not None:
                session.due = None
                self._announce.show(session)
                self._announce.change()

    def abandon(self, prompt_id: str, node_id: str, error: Exception) -> None:
        """When one list item of a node failed, end the node's other gates with the same error.

        The host waits for all items before it checks any, so it would otherwise show the error after the last answer.
        """
        with self._lock:
            for session in self._open.sessions():
                if (session.gate.prompt_id, session.gate.node_id) == (prompt_id, node_id):
                    session.wake(error)
                    self._leave(session, events.FAILED)

    def pending(self, client_id: str | None = None) -> list[dict[str, object]]:
        """All open gates, oldest first, in the form of `events.gate_payload`.

        In addition, ``shown`` says whether the gate is the one that its node displays in its run, and ``own`` whether
        the tab `client_id` queued the run.
        """
        sessions = self._open.sessions()
        now = self._clock()
        on_view = {session.token for session in displayed_gates(sessions)}
        return [
            events.gate_payload(session, now)
            | {
                "shown": session.token in on_view,
                "own": bool(client_id) and session.view.client_id == client_id,
            }
            for session in sessions
        ]

    def locate(self, node_id: str = "", token: str = "") -> Session:
        """See `OpenGates.locate`."""
        return self._open.locate(node_id, token)

    def find(self, token: str) -> Session:
        """See `OpenGates.find`."""
        return self._open.find(token)

    def __len__(self) -> int:
        return len(self._open)

    def close(self) -> None:
        """End every gate, because the program shuts down."""
        with self._lock:
            self._end(self._open.sessions(), events.SHUTDOWN)

    def _ask_policy(self, session: Session, policy: Policy) -> None:
        """Ask on a thread of its own, so that a policy that is slow or never returns delays nothing else."""
        asking = threading.Thread(target=self._decide, args=(session, policy), name="datasete-policy", daemon=True)
        try:
            asking.start()
        except RuntimeError:
            logger.exception("No policy was asked about gate %s; it waits for a person.", session.gate.node_id)

    def _decide(self, session: Session, policy: Policy) -> None:
        decision = policy(session.gate)
        if decision is None or decision.route is None:
            return
        with self._lock:
            # The policy may have taken long: a person may have answered meanwhile, and that answer stands.
            if session not in self._open:
                return
            session.decision = decision
            if self._open.displayed(session) is session and self._count_down(session):
                self._announce.show(session)
                self._announce.change()

    def _count_down(self, session: Session) -> bool:
        """Start a displayed gate's countdown, if it has one. Items not yet displayed keep their full time."""
        decision = session.decision
        if decision is None or session.attended or session.due is not None:
            return False
        session.due = self._clock() + decision.after_s
        session.call_later(decision.after_s, lambda: self._expire(session, decision))
        return True

    def _expire(self, session: Session, decision: Decision) -> None:
        gate, route = session.gate, session.failure.route if session.failure else decision.route
        with self._lock:
            # The timer may fire while a person cancels the countdown or answers: the first to get the lock decides.
            # `due` is None after a cancellation, because a timer that has already fired can no longer be stopped.
            if session.due is None or session not in self._open:
                return
            session.wake(Answer(route, session.mask, session.token, automatic=True))
            self._leave(session, events.POLICY)
        logger.info(
            "A policy sent gate %s of run %s to route %s. %s", gate.node_id, gate.prompt_id, route, decision.reason
        )
        self._observers.gate_answered(gate, route, decision)

    def _leave(self, session: Session, reason: str, by: str = "") -> None:
        with self._lock:
            if not self._open.remove(session):
                return
            self._announce.close(session, reason, by)
            # Only an answer leads to the next item of a list: after a stop or an error, the others end as well.
            following = self._open.displayed(session)
            if following and reason in {events.ANSWERED, events.POLICY}:
                self._count_down(following)
                self._show(following)
            self._announce.change()

    def _end(self, sessions: list[Session], reason: str, by: str = "") -> None:
        for session in sessions:
            session.wake(Answer(None, token=session.token))
            self._leave(session, reason, by)

    def _show(self, session: Session) -> None:
        session.seen = True
        self._announce.show(session)

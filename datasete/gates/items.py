"""Gates of one node in one run: the host opens one for each item of a list input, the node shows them one at a time."""

from __future__ import annotations

from collections.abc import Iterable

from datasete.gates.session import Session


def same_run(one: Session, other: Session) -> bool:
    """Whether both wait in the same run."""
    return one.gate.prompt_id == other.gate.prompt_id


def same_node(one: Session, other: Session) -> bool:
    """Whether both wait at the same node of the same run."""
    return same_run(one, other) and one.gate.node_id == other.gate.node_id


def first(sessions: Iterable[Session]) -> Session | None:
    """Which gate of one node is shown: the one that is looked at already, else the first item, else the oldest."""
    return min(sessions, key=lambda session: (not session.seen, session.gate.list_index), default=None)


def heads(sessions: list[Session]) -> list[Session]:
    """The gates that are shown, of all nodes."""
    nodes: dict[tuple[str, str], list[Session]] = {}
    for session in sessions:
        nodes.setdefault((session.gate.prompt_id, session.gate.node_id), []).append(session)
    return [shown for group in nodes.values() if (shown := first(group))]


def count_items(newcomer: Session, sessions: Iterable[Session]) -> None:
    """Let every gate of the newcomer's node know how long its list is, as far as anybody knows."""
    group = [session for session in sessions if same_node(session, newcomer)]
    items = max(max(session.items, session.gate.list_index + 1) for session in group)
    for session in group:
        session.items = items

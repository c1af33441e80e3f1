"""Pruning: forget versions beyond the last few, and the remains of crashes after a long grace.

What is counted are publishes. Hand edits ride along with the publishes around them: a hand edit kept for a commit that
was then refused must not push a real version out.
"""

from __future__ import annotations

from datasete.bus.context import GRACE, Desk
from datasete.bus.folders import Folder, folders_of, newest_first
from datasete.bus.snapshot import look_at


def prune(desk: Desk, slot: str) -> int:
    """Delete what may go; return how many versions went.

    The listing comes before the look: a version that is not current at the look, and was committed before it, never
    becomes current again. Nothing goes while the image is not sealed, because a hand edit may lean on any version.
    """
    folders = folders_of(desk.storage, slot)
    left = _left_behind(folders, desk.clock())
    if len(_publishes(folders)) <= desk.history and not left:
        return 0
    look = look_at(desk.store, slot)
    if not look.sealed:
        return 0
    others = [folder for folder in folders if folder.version != look.token]
    doomed = _beyond(others, desk.history) + [folder for folder in left if folder in others]
    for folder in doomed:
        folder.remove(desk.store)
    return len(doomed)


def _publishes(folders: list[Folder]) -> list[Folder]:
    return [folder for folder in newest_first(folders) if not folder.by_hand]


def _beyond(folders: list[Folder], history: int) -> list[Folder]:
    """The committed folders behind the newest `history` publishes."""
    further = _publishes(folders)[history:]
    if not further:
        return []
    order = newest_first(folders)
    return order[order.index(further[0]) :]


def _left_behind(folders: list[Folder], now: float) -> list[Folder]:
    """What was never committed, and was last written to long ago: by our clock, and beside what was written since.

    The second keeps a machine whose clock is wrong from taking a publish in flight for an old one.
    """
    newest = max((folder.touched for folder in folders), default=0.0)
    horizon = min(now, newest) - GRACE
    return [folder for folder in folders if not folder.committed and folder.touched < horizon]

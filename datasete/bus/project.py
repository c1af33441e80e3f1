"""Step 5: bring the visible mask up to date with the visible image."""

from __future__ import annotations

from datasete.bus.context import ATTEMPTS, Desk
from datasete.bus.layout import image_key, mask_key
from datasete.bus.snapshot import Look
from datasete.errors import Conflict
from datasete.plugin import ABSENT, Blob


def project(desk: Desk, slot: str, token: str, mask: bytes, seen: Blob | None) -> None:
    """Replace ``mask.png`` by `token`'s mask, as long as it is the one that was `seen` before `token`'s commit.

    A hand edit made since stays; one that `token` superseded is in the history, and goes. Another publish's mask is
    replaced as long as the image is still `token`'s.
    """
    if not _replaced(desk, slot, mask, seen):
        project_again(desk, slot, token, mask)


def project_again(desk: Desk, slot: str, token: str, mask: bytes) -> None:
    """The same when others may have published since the commit: look first.

    The mask is read before the image. In the other order it could be a later publish's, which must not be replaced.
    """
    for attempt in range(ATTEMPTS):
        seen = desk.storage.get(mask_key(slot))
        look = Look(desk.storage.get(image_key(slot)), seen)
        if look.token != token or look.mask_by_hand or look.mask_token == token:
            return
        if _replaced(desk, slot, mask, seen):
            return
        desk.pause(attempt)


def _replaced(desk: Desk, slot: str, mask: bytes, seen: Blob | None) -> bool:
    try:
        desk.store.write(mask_key(slot), mask, seen.version if seen else ABSENT)
    except Conflict:
        return False
    return True

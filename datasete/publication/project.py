"""Step 5: bring the visible mask up to date with the visible image."""

from __future__ import annotations

from datasete.errors import Conflict
from datasete.plugin import ABSENT, Blob
from datasete.publication.desk import ATTEMPTS, Desk
from datasete.publication.layout import mask_key
from datasete.publication.look import look_at


def project(desk: Desk, slot: str, token: str, mask: bytes, seen: Blob | None) -> bool:
    """Replace ``mask.png`` by `token`'s mask, as long as it is the one that was `seen`.

    A hand edit made since stays. Another publish's mask is replaced as long as the image is still `token`'s.

    Returns:
        Whether the mask was written.
    """
    for attempt in range(ATTEMPTS):
        try:
            desk.store.write(mask_key(slot), mask, seen.version if seen else ABSENT)
        except Conflict:
            desk.pause(attempt)
        else:
            return True
        look = look_at(desk.store, slot)
        if look.token != token or look.mask_edited or look.mask_token == token:
            return False
        seen = look.mask
    return False

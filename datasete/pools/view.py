"""A pool as browsers and programs see it."""

from __future__ import annotations

from datasete.pools.manifest import Manifest


def view(manifest: Manifest, offset: int = 0, limit: int | None = None) -> dict[str, object]:
    """The manifest with at most `limit` slots from `offset` on; `count` says how many there are.

    `removed` is how many pictures an undo would bring back.
    """
    end = None if limit is None else offset + limit
    latest = manifest.trash[-1].operation if manifest.trash else None
    return {
        "active": manifest.active_index,
        "slots": [slot.entry for slot in manifest.slots[offset:end]],
        "next_seq": manifest.next_seq,
        "revision": manifest.revision,
        "count": len(manifest.slots),
        "offset": offset,
        "removed": sum(1 for removed in manifest.trash if removed.operation == latest),
    }

"""Versions of pools that pages know, so that they can be told what is different now and not everything again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from datasete.pools.caching import Recent
from datasete.pools.manifest import Manifest, Slot

REMEMBERED: Final = 16


@dataclass(frozen=True)
class Change:
    """What makes one version of a pool's pictures another: from `at` on, `gone` of them gave way to `slots`."""

    at: int
    gone: int
    slots: tuple[Slot, ...]


class Versions:
    """The versions that were handed out last, which share what did not change. Safe from several threads."""

    def __init__(self) -> None:
        self._recent: Recent[str, Manifest] = Recent(REMEMBERED, lambda _: 1)

    def remember(self, manifest: Manifest) -> str:
        """Keep a version that is handed out; its name, which means this content and no other."""
        self._recent.put(manifest.fingerprint, manifest)
        return manifest.fingerprint

    def since(self, version: str, manifest: Manifest) -> Change | None:
        """What has changed since a version; None when it is forgotten, or so much that all can be told as well."""
        known = self._recent.get(version) if version else None
        change = difference(known.slots, manifest.slots) if known else None
        return change if change and 2 * len(change.slots) <= len(manifest.slots) else None


def difference(before: Sequence[Slot], after: Sequence[Slot]) -> Change:
    """The shortest single replacement that makes the one of the other."""
    most = min(len(before), len(after))
    start = next((place for place in range(most) if before[place] != after[place]), most)
    places = range(1, most - start + 1)
    end = next((place - 1 for place in places if before[-place] != after[-place]), most - start)
    return Change(start, len(before) - start - end, tuple(after[start : len(after) - end]))

"""One edit of a pool under compare-and-swap, recognized by its id when it is seen again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from datasete.errors import InvalidInput
from datasete.ids import new_id
from datasete.plugin import Blob
from datasete.pools import commands
from datasete.pools.caching import Manifests
from datasete.pools.manifest import Manifest

MAX_OPERATION: Final = 64


class Step:
    """One edit as `Storage.update` wants it: called with what is there, anew after each lost race."""

    def __init__(
        self, manifests: Manifests, pool_id: str, command: commands.Command, operation: str, expired: float
    ) -> None:
        self.result = Manifest()
        self.idle = False
        self._decoded: Callable[[Blob | None], Manifest] = partial(manifests.decoded, pool_id)
        self._encoded: Callable[[Manifest], bytes] = partial(manifests.encoded, pool_id)
        self._command = command
        self._expire = commands.expire(expired)
        self._operation = operation

    def __call__(self, blob: Blob | None) -> bytes | None:
        """What shall be stored in the place of what is there; None to leave it."""
        manifest = self._decoded(blob)
        edited = manifest if self._operation in manifest.operations else self._command(manifest)
        self.idle = edited is manifest
        self.result = manifest if self.idle else self._expire(edited).committed(self._operation)
        return None if self.idle else self._encoded(self.result)


def operation_id(given: str | None) -> str:
    """The id under which an edit counts once: the caller's, else a fresh one.

    Raises:
        InvalidInput: it cannot be one.
    """
    if given is None:
        return new_id()
    if not (isinstance(given, str) and 0 < len(given) <= MAX_OPERATION and given.isascii() and given.isprintable()):
        raise InvalidInput("An operation id is 1 to 64 plain characters.", hint="Nothing was changed.")
    return given

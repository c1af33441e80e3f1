"""Publishing: write the side files, take a snapshot, archive it, and commit with a single conditional write."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

from datasete.bus.context import ABANDONED_AFTER_SECONDS, BusContext
from datasete.bus.history import archive
from datasete.bus.layout import HAND, IMAGE, MASK, frame_file, image_key, mask_file, version_key, versions_prefix
from datasete.bus.listing import with_resolved_name
from datasete.bus.models import Origin
from datasete.bus.order import Order, after, forget_order, read_order
from datasete.bus.snapshot import SlotSnapshot, take_snapshot
from datasete.errors import Conflict, DataseteError, StoreDenied, StoreError, StoreFull, StoreUnavailable
from datasete.imaging.seal import Seal, read_seal, seal
from datasete.plugin import ABSENT, Blob

MAX_LOST_ANSWERS: Final = 4
"""How many commits may get no answer before the publish fails."""


@dataclass(frozen=True)
class Content:
    """What is published: encoded frames and one mask for each."""

    images: Sequence[bytes]
    masks: Sequence[bytes]
    origin: Origin = "publish"


@dataclass(frozen=True)
class Commit:
    """A publish that was committed.

    Attributes:
        slot: the slot's name as the store has it.
        token: the token of this publish.
        version: the store's version of ``image.png``; empty if another writer has replaced it since.
        snapshot: what the commit replaced; if the commit was `found`, what was there when it was.
        mask: the sealed mask of frame 1.
        number: its place in the history of the slot; 0 if another writer has replaced it since.
        found: whether the store's answer was lost, and the commit was recognized afterwards.
    """

    slot: str
    token: str
    version: str
    snapshot: SlotSnapshot
    mask: bytes
    number: int
    found: bool = False


def publish(context: BusContext, slot: str, content: Content) -> Commit:
    """Publish to `slot`, or to the existing slot whose name is another spelling of it.

    Raises:
        Conflict: others publish to the slot faster; this call changed nothing.
        StoreUnavailable: the store did not answer. If that happened at the commit, the slot holds either its old
            content or the new one, complete in both cases.
        StoreError: nothing was published.
    """
    with context.conditional.exclusive(slot):
        # The side files are on their way before it is known whether the name is spelled as in the store. It nearly
        # always is; otherwise what was begun under the wrong name is abandoned.
        begun: list[Publish] = []

        def begin(name: str) -> SlotSnapshot:
            begun.append(Publish(context, name, content))
            return take_snapshot(context, name).without_image_bytes()

        snapshot = with_resolved_name(context.storage, slot, begin, missing=lambda found: found.image is None)
        *misspelled, work = begun
        for other in misspelled:
            other.abandon()
        return work.run(snapshot)


class Publish:
    """One publish, from its side files to its commit. It uses one token until an answer is lost, then a new one.

    A commit whose answer was lost may have taken place, and may have been replaced and pruned since, together with its
    side files. Committing again under the same token would then show an image without a mask.
    """

    def __init__(self, context: BusContext, slot: str, content: Content) -> None:
        self._context = context
        self._slot = slot
        self._content = content
        self._in_doubt: list[str] = []
        self._order: Future[object] | None = context.tasks.submit(partial(read_order, context, slot))
        self._prepare()

    def run(self, first: SlotSnapshot) -> Commit:
        """Repeat steps 2 to 4 until the picture is committed, beginning with the snapshot `first`."""
        try:
            return self._attempts(first)
        except StoreUnavailable as error:
            self.abandon()
            raise self._outcome_unknown() if self._in_doubt else error from None
        except DataseteError:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Delete the side files, unless the commit may have taken place: a prune takes those when they are old."""
        with contextlib.suppress(DataseteError):  # wait, or a write would arrive after the deletion
            _wait_for(self._side_writes)
        if self._token not in self._in_doubt:
            token = self._token
            self._context.tasks.defer("Removing an abandoned publish", lambda: self._remove(token))

    def _attempts(self, first: SlotSnapshot) -> Commit:
        for attempt in self._context.attempts():
            snapshot = take_snapshot(self._context, self._slot).without_image_bytes() if attempt else first
            commit = self._attempt(snapshot)
            if commit:
                return commit
        raise Conflict(
            f"The slot “{self._slot}” is being changed by others faster than it can be published to.",
            hint="It still holds a complete picture. Try again.",
        )

    def _attempt(self, snapshot: SlotSnapshot) -> Commit | None:
        """Run steps 2 to 4 once; None if another writer was faster or the answer was lost."""
        earlier = self._recognize_commit(snapshot)
        if earlier:
            return earlier
        # After a long sleep of the machine, a prune elsewhere may soon take the side files for abandoned.
        if self._context.clock() - self._started > ABANDONED_AFTER_SECONDS / 2:
            self._prepare()
        archived = ""
        try:
            archived, number = archive(self._context, self._slot, snapshot, self._early_order())
            return self._commit(snapshot, after(number))
        except Conflict:
            self._discard_copy(archived)
            return None
        except _LostAnswer as lost:
            if len(self._in_doubt) >= MAX_LOST_ANSWERS:
                raise self._outcome_unknown() from lost
            self._prepare()
            return None

    def _early_order(self) -> Order | None:
        """The order as read beside the first snapshot, which saves that attempt a round trip."""
        early, self._order = self._order, None
        return cast("Order", early.result()) if early else None

    def _prepare(self) -> None:
        """Step 1: take a new token and start writing its side files."""
        self._token = self._context.token(self._content.origin)
        self._started = self._context.clock()
        self._mask = self._sealed_mask(self._token)
        self._side_writes = [self._context.tasks.submit(job) for job in self._side_files()]

    def _sealed_mask(self, token: str) -> bytes:
        return seal(self._content.masks[0], Seal(token, None, len(self._content.images)))

    def _side_files(self) -> list[Callable[[], object]]:
        sealed = Seal(self._token, None, len(self._content.images))

        def writing(file: str, data: bytes) -> Callable[[], object]:
            key = version_key(self._slot, self._token, file)
            return lambda: self._context.storage.write(key, data if file == MASK else seal(data, sealed))

        masks = [(mask_file(number), mask) for number, mask in enumerate(self._content.masks[1:], 2)]
        frames = [(frame_file(number), image) for number, image in enumerate(self._content.images[1:], 2)]
        return [writing(file, data) for file, data in ((MASK, self._mask), *masks, *frames)]

    def _commit(self, snapshot: SlotSnapshot, number: int) -> Commit:
        """Step 4: replace the image, on the condition that it is still the one in the snapshot."""
        # Readers follow the image's token to the side files, so every one of them must be in place first.
        _wait_for(self._side_writes)
        # Computed for each attempt: another mask may have been edited since the last one.
        superseded = snapshot.mask_digest if snapshot.mask_edited else None
        mark = Seal(self._token, superseded, len(self._content.images), number)
        image = seal(self._content.images[0], mark)
        when = snapshot.image.version if snapshot.image else ABSENT
        try:
            version = self._context.conditional.write(image_key(self._slot), image, when)
        except (Conflict, StoreFull, StoreDenied):
            raise  # the store says that it wrote nothing, so nothing is in doubt
        except StoreUnavailable as error:
            self._in_doubt.append(self._token)
            raise _LostAnswer from error
        except StoreError:  # an unknown fault may come after the write, so its side files must stay
            self._in_doubt.append(self._token)
            raise
        return Commit(self._slot, self._token, version, snapshot, self._mask, number)

    def _recognize_commit(self, snapshot: SlotSnapshot) -> Commit | None:
        """The commit in doubt that took place after all, if there is one."""
        token = next((token for token in self._in_doubt if self._took_place(token, snapshot)), "")
        if not token:
            return None
        current = snapshot.sealed and snapshot.token == token
        version = snapshot.image.version if snapshot.image and current else ""
        number = snapshot.number if current else 0
        return Commit(self._slot, token, version, snapshot, self._sealed_mask(token), number, found=True)

    def _took_place(self, token: str, snapshot: SlotSnapshot) -> bool:
        seen = snapshot.token == token or self._context.conditional.exists(version_key(self._slot, token, IMAGE))
        return seen or self._in_archived_edit(token)

    def _in_archived_edit(self, token: str) -> bool:
        """Whether this publish was edited by hand and then replaced: only the archived edit still names it."""
        prefix = versions_prefix(self._slot) + HAND
        names = [entry.key for entry in self._context.storage.entries(prefix) if entry.key.endswith("/" + IMAGE)]
        return (
            any(_carries_token(blob, token) for blob in self._context.storage.read(*names).values()) if names else False
        )

    def _discard_copy(self, archived: str) -> None:
        """Delete the copy of a hand edit after a refused commit: the edit itself is still in its place."""
        if archived:
            self._context.tasks.defer("Removing a spare copy", lambda: self._remove(archived))

    def _remove(self, folder: str) -> None:
        keys = [entry.key for entry in self._context.storage.entries(version_key(self._slot, folder, ""))]
        self._context.conditional.delete(*keys)
        forget_order(self._context, self._slot, folder)

    def _outcome_unknown(self) -> StoreUnavailable:
        return StoreUnavailable(
            f"The store gave no answer while “{self._slot}” was being published.",
            hint="The slot holds its old picture or the new one, complete. Look at it before trying again.",
        )


class _LostAnswer(Exception):
    """The commit got no answer, so it may have taken place."""


def _wait_for(side: Sequence[Future[object]]) -> None:
    """Wait for all side files, even if one fails, then raise the first failure."""
    failures = [failure for failure in (future.exception() for future in side) if failure]
    if failures:
        raise failures[0]


def _carries_token(blob: Blob, token: str) -> bool:
    found = read_seal(blob.data).seal
    return found is not None and found.token == token

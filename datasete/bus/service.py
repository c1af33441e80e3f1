"""The service that nodes, routes and the command line call; the steps of the protocol are in the modules beside it."""

from __future__ import annotations

import logging
import operator
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from datasete.bus.context import BackgroundTasks, BusContext, ConditionalStorage
from datasete.bus.history import archive_committed, history, load_version, prune
from datasete.bus.layout import MAX_FRAMES, image_key
from datasete.bus.listing import list_slots, with_resolved_name
from datasete.bus.models import FirstFrame, Published, Slot, SlotInfo, SlotList, Version
from datasete.bus.publish import Commit, Content, publish
from datasete.bus.read import Reading, first_frame, read, reconcile_visible_mask, refresh_visible_mask
from datasete.bus.remove import delete, remove
from datasete.config import LimitSettings
from datasete.errors import CorruptData, InvalidInput, NotFound, TooLarge, UnreadableImage
from datasete.ids import validate_name
from datasete.imaging.chunks import blank_mask
from datasete.imaging.image_header import check_size
from datasete.imaging.repack import as_png
from datasete.storage import Storage

__all__ = ["Bus", "FirstFrame", "Published", "Slot", "SlotInfo", "SlotList", "Version"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

SAVE_RETRIES: Final = 5
"""How often a broken picture is read before it counts as broken: an editor may be in the middle of saving it."""

RECENT_SAVE_SECONDS: Final = 2.0
"""How recently a broken picture must have been written for another read to make sense."""

SAVE_RETRY_SECONDS: Final = 0.1


class Bus:
    """The slots of one space. Several threads, processes and machines can use them at the same time.

    Args:
        storage: the bus space.
        history: the number of replaced versions to keep for each slot.
        published: called with slot and token after each commit, on the publisher's thread.
        limits: the largest pictures to accept.
        clock: returns Unix seconds.
        tasks: threads for what may run during and after a publish.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        history: int = 5,
        published: Callable[[str, str], None] | None = None,
        limits: LimitSettings | None = None,
        clock: Callable[[], float] = time.time,
        tasks: BackgroundTasks | None = None,
    ) -> None:
        self._context = BusContext(storage, ConditionalStorage(storage), tasks or BackgroundTasks(), history, clock)
        self._published = published
        self._limits = limits or LimitSettings()
        self._listed_names: tuple[str, ...] = ()

    def publish(self, slot: str, images: Sequence[bytes], masks: Sequence[bytes] = ()) -> Published:
        """Replace the content of `slot` in one atomic step; it is durable when this returns.

        Args:
            slot: its name; another spelling of an existing slot's name means that slot.
            images: encoded PNGs, one a frame, at least one.
            masks: encoded L PNGs, white = painted, one a frame; without any, nothing is painted.

        Raises:
            InvalidName: the name cannot be used; nothing was read or written.
            InvalidInput: the numbers of images and masks differ, or an image cannot be read.
            StoreError: the slot is unchanged. If the store stopped answering at the commit, which the error then says,
                it holds its old content or the new one, complete in both cases.
        """
        name = validate_name(slot)
        return self._publish(name, Content(images, self._masks_for(images, masks)))

    def load(self, slot: str) -> Slot:
        """Load `slot`: image, masks and frames of one publish, perhaps with a later edit by hand.

        Raises:
            InvalidName: the name cannot be used.
            NotFound: no such slot exists.
            CorruptData: the picture or the mask is not what it claims to be; it was left as it is.
            TooLarge: the picture is over the configured limits.
        """
        name = validate_name(slot)
        for attempt in range(SAVE_RETRIES):
            reading = self._read(name)
            try:
                loaded = self._check_pictures(reading.slot)
            except CorruptData:
                age = self._context.clock() - reading.snapshot.modified
                if attempt == SAVE_RETRIES - 1 or age > RECENT_SAVE_SECONDS:
                    raise
                self._context.sleep(SAVE_RETRY_SECONDS)
            else:
                self._refresh_stale_mask(reading)
                return loaded
        raise AssertionError("unreachable")

    def first_frame(self, slot: str, version: str = "") -> FirstFrame:
        """Load the first picture of `slot`, or of a version in its history; this reads one file.

        Raises:
            InvalidName: the name cannot be used.
            NotFound: no such slot or version exists.
            CorruptData: the file is not a readable picture; it was left as it is.
            TooLarge: it is over the configured limits.
        """
        name = validate_name(slot)
        found = self._at(name, partial(first_frame, self._context, version=version))
        if found is None:
            raise _no_version(name, version) if version else _no_slot(name)
        self._check_pictures(Slot(found.name, (found.image,), (), found.modified, ""))
        return found

    def delete(self, slot: str) -> bool:
        """Delete `slot` with its history; return whether it existed.

        Raises:
            InvalidName: the name cannot be used.
            Conflict: others change it faster than it can be deleted; nothing was deleted.
            StoreError: the slot is either unchanged or gone, but never without its mask.
        """
        return self._at(validate_name(slot), partial(delete, self._context))

    def remove(self, slot: str) -> str | None:
        """Take `slot` off the bus and keep its history for a week, with its last content as the newest version.

        Returns:
            The version to `restore` to undo it; None if there was no such slot, "" if this bus keeps no history and
            the slot was deleted.

        Raises:
            InvalidName: the name cannot be used.
            Conflict: others change it faster than it can be removed; nothing was removed.
            StoreError: the slot is either unchanged or gone; its content is in the history.
        """
        name = validate_name(slot)
        if not self._context.history:
            return "" if self.delete(name) else None
        return self._at(name, partial(remove, self._context))

    def history(self, slot: str) -> list[Version]:
        """List what `slot` held before, newest first.

        Raises:
            InvalidName: the name cannot be used.
            NotFound: no such slot exists.
        """
        name = self._visible_name(slot)
        found = history(self._context, name)
        if found is None:
            raise _no_slot(name)
        return found

    def version(self, slot: str, version: str) -> Slot:
        """Load a version from the history of `slot`.

        Raises:
            NotFound: no such version exists; it may have been pruned.
        """
        return self._check_pictures(load_version(self._context, self._visible_name(slot), version))

    def restore(self, slot: str, version: str) -> Published:
        """Publish an old version again, under a new token; what it replaces goes into the history.

        Raises:
            NotFound: no such version exists; nothing was changed.
            StoreError: as in `publish`.
        """
        old = self.version(slot, version)
        images, masks = (
            [as_png(each, self._limits) for each in old.images],
            [as_png(each, self._limits) for each in old.masks],
        )
        return self._publish(old.name, Content(images, self._masks_for(images, masks), "restore"))

    def list(self) -> list[SlotInfo]:
        """List the slots in natural order."""
        return [*self.list_slots().slots]

    def list_slots(self) -> SlotList:
        """List the slots in natural order, and count the other objects in the space."""
        found = list_slots(self._context.storage)
        self._listed_names = tuple(slot.name for slot in found.slots)
        return found

    @property
    def listed_names(self) -> tuple[str, ...]:
        """The names that the last `list_slots` found; empty before the first one. The store is not asked."""
        return self._listed_names

    def flush(self) -> None:
        """Wait for the background work of earlier publishes: visible masks, copies, pruning."""
        self._context.tasks.flush()

    def close(self) -> None:
        """Finish background work and stop the threads."""
        self._context.tasks.close()

    def _at(self, name: str, attempt: Callable[[str], T]) -> T:
        """Run `attempt` on the slot that `name` means. This is the one place where a name becomes a slot's."""
        return with_resolved_name(self._context.storage, name, attempt, missing=operator.not_)

    def _visible_name(self, slot: str) -> str:
        """The name under which `slot` is visible, or the name as given: a removed slot still has a history."""

        def visible(name: str) -> str:
            return name if self._context.conditional.exists(image_key(name)) else ""

        name = validate_name(slot)
        return self._at(name, visible) or name

    def _read(self, name: str) -> Reading:
        reading = self._at(name, partial(read, self._context))
        if reading is None:
            raise _no_slot(name)
        return reading

    def _publish(self, name: str, content: Content) -> Published:
        commit = publish(self._context, name, content)
        self._follow_up(commit)
        self._announce(commit)
        return Published(commit.slot, commit.token, commit.snapshot.image is not None)

    def _follow_up(self, commit: Commit) -> None:
        """Queue what comes after a commit. The caller need not wait: readers are right without it."""
        context, slot, token, mask = self._context, commit.slot, commit.token, commit.mask
        defer = context.tasks.defer
        if commit.found:  # others may have published since, so the mask of the snapshot proves nothing
            defer("Showing the mask", lambda: reconcile_visible_mask(context, slot, token, mask))
        else:
            defer("Showing the mask", lambda: refresh_visible_mask(context, slot, token, mask, commit.snapshot.mask))
        defer("Copying to the history", lambda: archive_committed(context, slot, token, commit.number, commit.version))
        defer("Pruning the history", lambda: prune(context, slot))

    def _announce(self, commit: Commit) -> None:
        if self._published is None:
            return
        try:
            self._published(commit.slot, commit.token)
        except Exception:
            logger.exception("Observers of the publish to “%s” failed; the picture is published.", commit.slot)

    def _refresh_stale_mask(self, reading: Reading) -> None:
        mask = reading.mask_to_show
        if mask is not None:
            slot = reading.slot
            expected = reading.snapshot.mask
            self._context.tasks.defer(
                "Showing the mask", lambda: refresh_visible_mask(self._context, slot.name, slot.token, mask, expected)
            )

    def _masks_for(self, images: Sequence[bytes], masks: Sequence[bytes]) -> Sequence[bytes]:
        """Return the masks, or blank ones if there are none, after checking numbers and sizes."""
        if not 1 <= len(images) <= MAX_FRAMES:
            raise InvalidInput(
                f"A publish needs 1 to {MAX_FRAMES} images, not {len(images)}.", hint="Nothing was changed."
            )
        if len(masks) not in (0, len(images)):
            raise InvalidInput(
                f"{len(images)} images need as many masks, or none; {len(masks)} were given.",
                hint="Nothing was changed.",
            )
        headers = [check_size(image, self._limits) for image in images]
        return masks or [blank_mask(header.width, header.height) for header in headers]

    def _check_pictures(self, slot: Slot) -> Slot:
        try:
            for data in (*slot.images, *slot.masks):
                check_size(data, self._limits)
        except UnreadableImage as error:
            raise CorruptData(
                f"The slot “{slot.name}” holds a file that is not a readable picture: {error.message}",
                hint="It was left as it is. Publish to it again, or restore a version from its history.",
            ) from error
        except TooLarge as error:
            raise TooLarge(f"The slot “{slot.name}” cannot be loaded: {error.message}", hint=error.hint) from error
        return slot


def _no_version(name: str, version: str) -> NotFound:
    return NotFound(f"The slot “{name}” has no version “{version[:40]}”.", hint="It may have been pruned.")


def _no_slot(name: str) -> NotFound:
    return NotFound(f"The slot “{name}” does not exist.", hint="The bus list shows which there are.")

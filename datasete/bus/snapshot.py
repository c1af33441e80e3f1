"""A snapshot of a slot's two visible files, and which publish each belongs to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from datasete.bus.context import BusContext
from datasete.bus.layout import MAX_FRAMES, image_key, is_token, mask_key
from datasete.imaging.seal import Seal, SealState, claimed_seal, digest, read_seal
from datasete.plugin import Blob


@dataclass(frozen=True)
class SlotSnapshot:
    """``image.png`` and ``mask.png`` as one read found them. Pixels are hashed on first use: many steps do not need it.

    Attributes:
        image: its bytes may have been dropped by `without_image_bytes`.
        mask: always with its bytes.
        image_state: what the image's seal says, if it was checked before the bytes were dropped.
    """

    image: Blob | None
    mask: Blob | None
    image_state: SealState | None = None

    def without_image_bytes(self) -> SlotSnapshot:
        """The same snapshot without the image's bytes, so that a publish holds one large picture instead of two."""
        if self.image is None:
            return self
        return SlotSnapshot(replace(self.image, data=b""), self.mask, self._image_seal)

    @cached_property
    def token(self) -> str:
        """The token in the image's seal, even if its pixels were edited; empty if it has none."""
        return _token(self._claim)

    @cached_property
    def superseded(self) -> str | None:
        """The digest of the hand-edited mask that the image's publish replaced, if there was one."""
        return self._claim.superseded if self._claim and self.token else None

    @cached_property
    def frames(self) -> int:
        """The number of frames of the image's publish, according to its seal."""
        return self._claim.frames if self._claim and self.token else 1

    @cached_property
    def number(self) -> int:
        """The place of the image's publish in the history, according to its seal; 0 if it names none."""
        return self._claim.number if self._claim and self.token else 0

    @cached_property
    def sealed(self) -> bool:
        """Whether the image is exactly what a publish wrote."""
        return bool(self.token) and self._image_seal.kind == "sealed"

    @cached_property
    def mask_token(self) -> str:
        """The token of a mask that is exactly what a publish wrote; empty if the mask was edited or is missing."""
        state = _state(self.mask)
        return _token(state.seal) if state.kind == "sealed" else ""

    @cached_property
    def mask_edited(self) -> bool:
        """Whether there is a mask, and it is not what a publish wrote."""
        return self.mask is not None and not self.mask_token

    @cached_property
    def mask_digest(self) -> str:
        """The digest of the mask's bytes; empty without a mask."""
        return digest(self.mask.data) if self.mask else ""

    @property
    def mask_by_hand(self) -> bool:
        """Whether the mask was edited by hand after the image's publish, so that it counts."""
        return self.mask_edited and self.mask_digest != self.superseded

    @property
    def modified(self) -> float:
        """When the newer of the two files was written, in Unix seconds; 0 if both are missing."""
        return max((blob.modified for blob in (self.image, self.mask) if blob), default=0.0)

    def same_as(self, other: SlotSnapshot) -> bool:
        """Whether both files are the same in the two snapshots."""
        return _version(self.image) == _version(other.image) and _version(self.mask) == _version(other.mask)

    def same_image_as(self, other: SlotSnapshot) -> bool:
        """Whether the image is the same in the two snapshots."""
        return _version(self.image) == _version(other.image)

    @cached_property
    def _claim(self) -> Seal | None:
        if self.image_state or self.image is None:
            return self.image_state.seal if self.image_state else None
        return claimed_seal(self.image.data)

    @cached_property
    def _image_seal(self) -> SealState:
        return self.image_state or _state(self.image)


def take_snapshot(context: BusContext, slot: str) -> SlotSnapshot:
    """Read the two visible files of `slot` in one call."""
    found = context.storage.read(image_key(slot), mask_key(slot))
    return SlotSnapshot(found.get(image_key(slot)), found.get(mask_key(slot)))


def _state(blob: Blob | None) -> SealState:
    return read_seal(blob.data) if blob else SealState("none", None)


def _token(seal: Seal | None) -> str:
    return seal.token if seal and is_token(seal.token) and 1 <= seal.frames <= MAX_FRAMES else ""


def _version(blob: Blob | None) -> str | None:
    return blob.version if blob else None

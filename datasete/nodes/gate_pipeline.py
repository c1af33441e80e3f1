"""The steps of a gate's run around the decision: find the picture, choose its mask, publish both. All of them block."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch

from datasete.application import Application
from datasete.config import LimitSettings
from datasete.errors import CorruptData, InvalidInput, NotFound
from datasete.gates import PaintedMasks
from datasete.imaging.batches import decode_batch, encode_batch
from datasete.imaging.masks import empty_mask, fit_mask
from datasete.imaging.png import decode_mask, encode_image, encode_mask
from datasete.nodes.gate_checks import check_publishable, check_shown, check_values


@dataclass(frozen=True)
class GatePicture:
    """A picture at a gate.

    Attributes:
        image: float32 [B,H,W,C] in 0..1.
        masks: the slot's masks, each float32 [h,w]; empty when it has none or the picture came by wire.
        slot: the bus slot it was loaded from, or "".
        modified: when that slot was published, in Unix seconds.
        slot_masks: the same as they were stored, PNGs.
    """

    image: torch.Tensor
    masks: list[torch.Tensor] = field(default_factory=list)
    slot: str = ""
    modified: float | None = None
    slot_masks: tuple[bytes, ...] = field(default=(), repr=False)

    def mask_of(self, frame: int) -> torch.Tensor | None:
        """Return the slot's mask of a frame, [h,w]; the last one counts for all beyond. None when it has none."""
        return self.masks[min(frame, len(self.masks) - 1)] if self.masks else None


def find_picture(app: Application, image: torch.Tensor | None, slot: str, send_id: str = "") -> GatePicture | None:
    """Return the wired picture, else the slot's, else None. What could not be shown or published is refused here.

    Raises:
        InvalidInput: what is wired is not a batch of pictures.
        TooLarge: it is more than the slot `send_id` could take.
        StoreError: the slot cannot be reached or read; a slot that does not exist is not an error.
    """
    if image is not None:
        found = check_shown(image)
        if send_id:
            check_publishable(found, app.settings.limits)
        check_values(found)
        return GatePicture(found)
    if not slot:
        return None
    try:
        return _load(app, slot)
    except NotFound:
        return None


def final_mask(picture: GatePicture, painted: PaintedMasks, limits: LimitSettings) -> torch.Tensor:
    """Return the mask that leaves the gate, float32 [B,H,W]: for each frame the painted, else the slot's, else zeros.

    All are fitted to the picture. When a slot has fewer masks than frames, its last one counts for those beyond.
    """
    frames, height, width = picture.image.shape[:3]
    # Masks that are painted for all frames are one and the same bytes, and decoded once.
    decoded = {data: decode_mask(data, limits) for data in map(painted.at, range(frames)) if data is not None}
    masks = empty_mask(frames, height, width)
    for frame in range(frames):
        data = painted.at(frame)
        mask = picture.mask_of(frame) if data is None else decoded[data]
        if mask is not None:
            masks[frame] = fit_mask(mask, 1, height, width)[0]
    return masks


def full_frame(
    picture: GatePicture, frame: int, painted: bytes | None, limits: LimitSettings
) -> tuple[bytes, bytes | None]:
    """Return one frame as a PNG, and the mask that leaves the gate with it; None when nothing is painted there."""
    own = picture.masks[min(frame, len(picture.masks) - 1) :][:1]
    alone = replace(picture, image=picture.image[frame : frame + 1], masks=own)
    mask = final_mask(alone, PaintedMasks(painted), limits)
    return encode_image(picture.image[frame]), encode_mask(mask[0]) if mask.any() else None


def publish(app: Application, slot: str, image: torch.Tensor, mask: torch.Tensor) -> None:
    """Publish all frames of `image` [B,H,W,C] and of `mask` [B,H,W] to a slot.

    Raises:
        StoreError: it could not be written; the slot keeps what it had.
    """
    app.bus.publish(slot, *encode_batch(image, mask))


def _load(app: Application, slot: str) -> GatePicture:
    limits = app.settings.limits.of_slots
    found = app.bus.load(slot)
    try:
        frames, masks = decode_batch(found.images, found.masks, limits)
    except InvalidInput as error:
        raise CorruptData(
            f"The slot “{slot}” cannot be read: {error.message}",
            hint="It was left as it is. Replace its file, or publish to it again.",
        ) from error
    if len({frame.shape for frame in frames}) != 1:
        raise CorruptData(
            f"The pictures in the slot “{slot}” differ in size or channels, and cannot be one batch.",
            hint="It was left as it is. Probably a file was edited by hand; publish to the slot again.",
        )
    image = torch.stack(frames) if len(frames) > 1 else frames[0].unsqueeze(0)
    return GatePicture(image, masks, found.name, found.modified, tuple(found.masks))

"""What a gate refuses before it asks: what no picture of it could be shown, and what no slot could take."""

from __future__ import annotations

from typing import Final

import torch

from datasete.bus.layout import MAX_FRAMES
from datasete.config import LimitSettings
from datasete.errors import InvalidInput, TooLarge

CHANNELS: Final = (1, 3, 4)
_UNHARMED: Final = "Nobody was asked, and nothing was published."
_NARROW_FLOAT_BYTES: Final = 1


def check_shown(image: object) -> torch.Tensor:
    """Return what is wired, if it is a batch of pictures that can be shown.

    Raises:
        InvalidInput: it is not float [B,H,W,C] with 1, 3 or 4 channels, it is empty, or some of its values are not
            numbers.
    """
    if not isinstance(image, torch.Tensor):
        raise InvalidInput(
            f"A gate needs a batch of pictures [B,H,W,C], not a {type(image).__name__}.",
            hint=f"{_UNHARMED} Wire an IMAGE.",
        )
    shape = list(image.shape)
    if image.ndim != len("BHWC") or 0 in shape:
        raise InvalidInput(
            f"A gate needs a batch of pictures [B,H,W,C], not one of shape {shape}.",
            hint=f"{_UNHARMED} Wire an IMAGE with at least one pixel.",
        )
    if image.shape[3] not in CHANNELS:
        raise InvalidInput(
            f"A gate needs pictures with 1, 3 or 4 channels, not {shape[3]}: what is wired has the shape {shape}.",
            hint=f"{_UNHARMED} Convert it to RGB before the gate.",
        )
    if not image.dtype.is_floating_point:
        raise InvalidInput(
            f"A gate needs pictures of floats from 0 to 1, not of {_name(image.dtype)}: what is wired has the shape "
            f"{shape}.",
            hint=f"{_UNHARMED} Convert it before the gate: divide bytes by 255.",
        )
    return image


def check_values(image: torch.Tensor) -> None:
    """Check that all values are finite; any others would be shown and published as black or white.

    Raises:
        InvalidInput: some are not; the message has their number, the first frame with one, and the shape.
    """
    for number, frame in enumerate(image, 1):
        if not _finite(frame):
            count = int((~torch.isfinite(frame.float())).sum())
            raise InvalidInput(
                f"{count:,} values of picture {number} are NaN or infinite: what is wired has the shape "
                f"{list(image.shape)}.",
                hint=f"{_UNHARMED} Often a model overflowed in half precision: run it, or its VAE, in full precision.",
            )


def check_publishable(image: torch.Tensor, limits: LimitSettings) -> None:
    """Check what a slot would refuse after the answer, as far as the shape says so.

    Raises:
        TooLarge: more pixels or more frames than a slot takes.
    """
    frames, height, width = image.shape[:3]
    shape, hint = list(image.shape), f"{_UNHARMED} Clear send_id to decide without publishing, or send less."
    if frames > MAX_FRAMES:
        raise TooLarge(
            f"A slot takes at most {MAX_FRAMES:,} pictures, and this batch has the shape {shape}.", hint=hint
        )
    if height * width > limits.image_pixels:
        raise TooLarge(
            f"A slot takes pictures of at most {limits.image_pixels / 1e6:,.1f} megapixels, and this one has "
            f"{height * width / 1e6:,.1f}: the shape is {shape}.",
            hint=f"{hint} The limit is limits.image_pixels in the configuration.",
        )


def _finite(frame: torch.Tensor) -> bool:
    # The extremes are found without a copy, and NaN counts as one. One-byte floats have no order of their own.
    narrow = frame.dtype.itemsize == _NARROW_FLOAT_BYTES
    lowest, highest = torch.aminmax(frame.detach().float() if narrow else frame.detach())
    return bool(torch.isfinite(torch.stack((lowest, highest))).all())


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")

"""Encode and decode several pictures at once, so that one uses the processors while another waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import torch

from datasete.imaging.png import decode_image, decode_mask, encode_image, encode_mask
from datasete.imaging.strips import parallel_map

if TYPE_CHECKING:
    from datasete.config import LimitSettings

T = TypeVar("T")

IMAGES_AT_ONCE: Final = 2
"""Two are enough: each already keeps all processors busy for most of its time."""


def decode_batch(
    images: Iterable[bytes], masks: Iterable[bytes], limits: LimitSettings
) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Decode images for other nodes, as `decode_colors`, and masks to float32 [H,W], as `decode_mask`.

    Raises:
        TooLarge: one is over `limits`.
        UnreadableImage: one is damaged or not a picture. The first error in order is raised.
    """
    return _in_parallel(partial(decode_colors, limits=limits), images, partial(decode_mask, limits=limits), masks)


def decode_colors(data: bytes, limits: LimitSettings) -> torch.Tensor:
    """Decode a picture as other nodes expect an IMAGE: float32 [H,W,C] in 0..1, C 3, or 4 with any transparency.

    Grey becomes three equal channels, as LoadImage gives it: most nodes fail on one channel.

    Raises:
        TooLarge: over `limits`; nothing was decoded.
        UnreadableImage: not a picture, or a damaged one.
    """
    image = decode_image(data, limits)
    return image.expand(-1, -1, 3).contiguous() if image.shape[2] == 1 else image


def encode_batch(image: torch.Tensor, mask: torch.Tensor) -> tuple[list[bytes], list[bytes]]:
    """Encode each frame of `image` [B,H,W,C], as `encode_image`, and each of `mask` [B,H,W], as `encode_mask`.

    Raises:
        InvalidInput: a tensor has another shape or type.
    """
    return _in_parallel(encode_image, image, encode_mask, mask)


def _in_parallel(
    of_image: Callable[..., T],
    images: Iterable[bytes | torch.Tensor],
    of_mask: Callable[..., T],
    masks: Iterable[bytes | torch.Tensor],
) -> tuple[list[T], list[T]]:
    jobs = [partial(of_image, image) for image in images]
    frames = len(jobs)
    jobs += [partial(of_mask, mask) for mask in masks]
    done = list(parallel_map(lambda job: job(), jobs, threads=IMAGES_AT_ONCE))
    return done[:frames], done[frames:]

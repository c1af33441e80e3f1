"""Fitting masks to the size and number of their pictures. Masks are float32 [B,H,W]; 1 is painted."""

from __future__ import annotations

import torch
from torch.nn.functional import interpolate

from datasete.errors import InvalidInput


def fit_mask(mask: torch.Tensor, frames: int, height: int, width: int) -> torch.Tensor:
    """Fit a mask to a batch: resize it bilinearly, and make one for each frame.

    Args:
        mask: [b,h,w], or [h,w] for a single one.
        frames: the number of frames. The last mask is repeated if there are too few; surplus ones are dropped.
        height: in pixels.
        width: in pixels.

    Returns:
        [frames,height,width] float32, clamped to 0..1. Each frame has its own memory, unless nothing changed.

    Raises:
        InvalidInput: the mask has another shape, or is empty.
    """
    stack = mask[None] if mask.ndim == 2 else mask
    if stack.ndim != 3 or not stack.numel():
        raise InvalidInput(f"A mask must be [frames, height, width] and not be empty; this one is {list(mask.shape)}.")
    stack = stack[:frames].float()
    if stack.shape[1:] != (height, width):
        stack = interpolate(stack[:, None], size=(height, width), mode="bilinear", align_corners=False)[:, 0]
    if len(stack) < frames:
        stack = torch.cat((stack, stack[-1:].expand(frames - len(stack), -1, -1)))
    return stack.clamp(0, 1)


def empty_mask(frames: int = 1, height: int = 1, width: int = 1) -> torch.Tensor:
    """Make masks on which nothing is painted: zeros [frames,height,width]."""
    return torch.zeros(frames, height, width)

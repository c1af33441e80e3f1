"""What pictures hold according to tifffile and imagecodecs: decoders that share no code with ours."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile

Floats = npt.NDArray[np.float64]


def read_tiff(data: bytes) -> Floats:
    """The first page as [H,W,C] in 0..1 with 1, 3 or 4 channels, as it is stored; its samples come from tifffile."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages[0]
        samples = page.asarray()
        if samples.ndim == 2:
            samples = samples[..., None]
        elif page.planarconfig == tifffile.PLANARCONFIG.SEPARATE:
            samples = np.moveaxis(samples, 0, -1)
        if samples.shape[0] == 1 and samples.ndim == 4:
            samples = samples[0]
        return _shown(page, samples)


def _shown(page: Any, samples: npt.NDArray[Any]) -> Floats:
    photometric, extra = int(page.photometric), [int(kind) for kind in page.extrasamples]
    count = {0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3}[photometric]
    top = 1 if samples.dtype.kind == "f" else 2.0**page.bitspersample - 1
    parts = samples.astype(np.float64) / top
    color = parts[..., :count]
    if photometric == 0:
        color = 1 - color
    elif photometric == 3:
        color = page.colormap.astype(np.float64).T[samples[..., 0]] / 65535
    elif photometric == 5:
        color = (1 - color[..., :3]) * (1 - color[..., 3:])
    if not extra or extra[0] == 0:
        return color.clip(0, 1)
    alpha = parts[..., count : count + 1]
    if extra[0] == 1:
        color = np.divide(color, alpha, out=np.zeros_like(color), where=alpha > 0)
    return np.concatenate((np.broadcast_to(color, (*color.shape[:2], 3)), alpha), axis=2).clip(0, 1)


def from_integers(samples: npt.NDArray[Any], bits: int) -> Floats:
    """Samples [H,W] or [H,W,C] of that many bits, in 0..1; grey with alpha becomes RGBA."""
    parts = samples.astype(np.float64) / (2**bits - 1)
    parts = parts[..., None] if parts.ndim == 2 else parts
    return parts[..., [0, 0, 0, 1]] if parts.shape[2] == 2 else parts

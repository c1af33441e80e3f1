"""Numbers of any depth as the three types that `decode_array` returns: uint8, uint16, and float32 in 0..1."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def scale(array: Array, top: int) -> Array:
    """Scale unsigned numbers of which `top` is the largest; floats are left as they are.

    Nothing is lost: what does not fit 8 bits exactly becomes 16 bits, and what does not fit those becomes floats.
    """
    if array.dtype.kind == "f":
        return array.astype(np.float32, copy=False)
    if top > 65535:
        floats: Array = np.divide(array, np.float32(top), dtype=np.float32, casting="unsafe")
        return floats
    if top in {255, 65535}:
        return np.minimum(array, top).astype(np.uint8 if top == 255 else np.uint16, copy=False)
    if 255 % top == 0:
        small: Array = np.minimum(array, top).astype(np.uint8) * np.uint8(255 // top)
        return small
    wide = np.minimum(array, top).astype(np.uint32)
    scaled: Array = (wide * 65535 + top // 2) // top
    return scaled.astype(np.uint16)


def top_of(array: Array) -> Any:
    """The value of full light in an array of one of the three types."""
    return array.dtype.type(1 if array.dtype.kind == "f" else np.iinfo(array.dtype).max)

"""ICC profiles, and what a second colour engine makes of pixels that carry them."""

from __future__ import annotations

import struct
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt

DAYLIGHT = [0.3127, 0.329, 1.0]
SRGB = imagecodecs.cms_profile("srgb")
ADOBE = imagecodecs.cms_profile("adobergb")
DISPLAY_P3 = imagecodecs.cms_profile(
    "rgb", whitepoint=DAYLIGHT, primaries=[0.68, 0.32, 1, 0.265, 0.69, 1, 0.15, 0.06, 1], gamma=2.2
)
PROPHOTO = imagecodecs.cms_profile(
    "rgb",
    whitepoint=[0.3457, 0.3585, 1.0],
    primaries=[0.7347, 0.2653, 1, 0.1596, 0.8404, 1, 0.0366, 0.0001, 1],
    gamma=1.8,
)
GREY = imagecodecs.cms_profile("gray", whitepoint=DAYLIGHT, gamma=1.8)


def shown(pixels: npt.NDArray[Any], profile: bytes) -> npt.NDArray[np.float64]:
    """Pixels [H,W,C] of any depth as sRGB in 0..1, according to imagecodecs."""
    space = "gray" if pixels.shape[2] == 1 else "rgb"
    top = 1 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
    color = np.ascontiguousarray((pixels[..., :3] / top).astype(np.float32))
    found = imagecodecs.cms_transform(color, profile, SRGB, colorspace=space, outcolorspace="rgb", outdtype="f4")
    found = found.reshape(*pixels.shape[:2], 3).astype(np.float64).clip(0, 1)
    return found[..., 1:2] if space == "gray" else found


def inks() -> bytes:
    """A profile for CMYK made of a table with two places an ink: its first ink, alone, prints pure black."""
    nodes = np.array([[100, 0, 0]] * 16, float)
    nodes[1::2] = [0, 0, 0]  # the fourth ink is black
    nodes[8:] = [0, 0, 0]  # so is the first
    lab = np.stack((nodes[:, 0] * 2.55, nodes[:, 1] + 128, nodes[:, 2] + 128), axis=1).round().astype(np.uint8)
    straight = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 * (place % 4 == 0) for place in range(9)))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + matrix + straight * 4 + lab.tobytes() + straight * 3
    tags = {b"A2B0": table, b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)}
    body, entries, place = b"", b"", 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        entries += struct.pack(">4sII", name, place + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    size = place + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02100000, b"prtr", b"CMYK", b"Lab ") + bytes(12) + b"acsp"
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + entries + body

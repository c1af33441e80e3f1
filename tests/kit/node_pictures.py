"""Photographs as nodes and eyes see them, for tests of the embedded host's own nodes."""

from __future__ import annotations

import numpy as np
from photographs import photograph
from PIL import Image, ImageOps

from datasete.config import LimitSettings
from datasete.imaging.png import decode_image


def shown(path):
    with Image.open(path) as picture:
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))


def pixels(tensor):
    return (tensor * 255).round().byte().numpy()


def picture(name="small"):
    return decode_image(photograph(name).read_bytes(), LimitSettings())[None]

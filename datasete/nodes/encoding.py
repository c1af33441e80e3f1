"""Encodes pictures as PNG, JPEG or WebP, with the workflow in them as ComfyUI embeds it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

import torch
from PIL import Image

from datasete.batch.folder.sources import shown
from datasete.errors import InvalidInput
from datasete.imaging.png import check_frame, encode_image
from datasete.imaging.strips import to_bytes
from datasete.sidecars.kinds import OTHER_PICTURES, PICTURES
from datasete.system import strict_json

logger = logging.getLogger(__name__)

FILE_TYPES: Final = ("png", "jpg", "jpeg", "webp")
_MAX_SIDES: Final = {"webp": 16_383, "jpg": 65_500, "jpeg": 65_500}
"""The most pixels a side. JPEG has numbers up to 65,535, but libjpeg stops here; PNG has enough for any tensor."""

OTHER_NAMES: Final = dict.fromkeys(("jpe", "jfif", "jif", "jfi", "pjpeg", "pjp", "mpo"), "jpg") | {"apng": "png"}
"""Suffixes of the same types."""

_MODEL, _MAKE = 0x0110, 0x010F
"""EXIF tags: ComfyUI reads the prompt from Model, and everything else from Make and the tags below it."""

_MAX_EXIF_BYTES: Final = 65_000
"""Bytes of EXIF that a JPEG can hold."""


def file_type(text: str, fallback: str = "") -> str:
    """Return the type that a widget or a wired EXTENSION names.

    Args:
        text: the type, with or without a dot. Other names of JPEG and PNG count as these.
        fallback: what to write instead of another type of pictures; empty to refuse it.

    Raises:
        InvalidInput: files of that type are not written.
    """
    kind = plain_type(text)
    if kind not in FILE_TYPES:
        if fallback and kind in {*PICTURES, *OTHER_PICTURES}:
            return fallback
        raise InvalidInput(
            f"Files of type “{shown(text)}” are not written here.",
            hint=f"Nothing was written. Choose from {', '.join(FILE_TYPES)}.",
        )
    return kind


def check_fits(kind: str, height: int, width: int) -> None:
    """Check that a file of type `kind` can be as large as that.

    Raises:
        InvalidInput: it cannot.
    """
    most = _MAX_SIDES.get(kind)
    if most is not None and max(height, width) > most:
        raise InvalidInput(
            f"The picture has {width:,} × {height:,} pixels, and a {kind} file holds at most {most:,} a side.",
            hint="Nothing was written. Save it as png, or make it smaller.",
        )


def plain_type(text: str) -> str:
    """Return the usual name of a type, in lower case without a dot."""
    kind = text.strip().lower().lstrip(".")
    return OTHER_NAMES.get(kind, kind)


def encode(frame: torch.Tensor, kind: str, quality: int, texts: Mapping[str, Any]) -> bytes:
    """Encode one picture.

    Args:
        frame: float [H,W,C] in 0..1, C 1, 3 or 4.
        kind: one of `FILE_TYPES`. JPEG drops alpha.
        quality: 1..100 for JPEG and WebP; WebP at 100 is lossless. PNG always is.
        texts: what is embedded, by name, as JSON: ``prompt``, ``workflow``.

    Raises:
        InvalidInput: not a picture, too large for the type, or a quality out of range.
    """
    if not 1 <= quality <= 100:
        raise InvalidInput(
            f"quality is {quality}, and must be 1 to 100.", hint="Nothing was written. Set it in that range."
        )
    dumped = {name: strict_json.dump(value) for name, value in texts.items()}
    if kind == "png":
        return encode_image(frame, texts=dumped)
    check_frame(frame)
    check_fits(kind, *frame.shape[:2])
    picture = _pillow(frame, alpha=kind == "webp")
    file = BytesIO()
    if kind == "webp":
        exact = {"lossless": True, "exact": True, "quality": 0, "method": 0} if quality == 100 else {"quality": quality}
        picture.save(file, "WEBP", exif=_exif(dumped), **exact)
    else:
        full = {"subsampling": 0} if quality == 100 else {}
        picture.save(file, "JPEG", quality=quality, exif=_exif(dumped, _MAX_EXIF_BYTES), **full)
    return file.getvalue()


def _pillow(frame: torch.Tensor, *, alpha: bool) -> Image.Image:
    pixels = to_bytes(frame.detach().to("cpu", torch.float32).contiguous().numpy())
    if pixels.shape[2] == 1:
        return Image.fromarray(pixels[..., 0])
    if pixels.shape[2] == 4 and not alpha:
        pixels = pixels[..., :3].copy()
    return Image.fromarray(pixels)


def _exif(texts: Mapping[str, str], limit: int | None = None) -> bytes:
    exif = Image.Exif()
    free = iter((_MAKE, *range(_MAKE - 1, 0, -1)))
    for name, text in texts.items():
        exif[_MODEL if name == "prompt" else next(free)] = f"{name}:{text}"
    data = exif.tobytes() if texts else b""
    if limit is not None and len(data) > limit:
        logger.warning("The workflow is too large for a JPEG's metadata and was left out.")
        return b""
    return data

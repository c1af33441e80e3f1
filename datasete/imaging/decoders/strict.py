"""Decoding with Pillow so that an incomplete picture is an error, whatever other code in the process has switched.

Pillow has one switch for the entire process, `LOAD_TRUNCATED_IMAGES`, and ComfyUI and some packs turn it on, also while
another thread decodes. With it, missing rows are filled with grey. And even without it, Pillow accepts a JPEG that was
cut off and then ended with an end marker.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any, Final

from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from datasete.imaging.chunks import unreadable
from datasete.imaging.decoders.jpeg_markers import has_all_restarts, parse_jpeg

_load: Final = FunctionType(
    ImageFile.ImageFile.load.__code__, {**vars(ImageFile), "LOAD_TRUNCATED_IMAGES": False}, "load"
)
"""Pillow's own loader, in which the switch is always off: the original looks it up in its module's variables."""

_BY_THEMSELVES: Final = frozenset({"WEBP", "AVIF", "TIFF"})
"""Formats whose decoders get the entire file at once, and never ask the switch."""

_PAD: Final = b"\xff\x00"
"""An escaped 0xFF: data inside of a scan, and skipped between scans."""

_LOOKAHEAD: Final = 8
"""A decoder reads up to 64 bits ahead of what it needs."""

_END: Final = b"\xff\xd9"


def load_strictly(image: ImageFile.ImageFile, data: bytes) -> None:
    """Decode an opened picture. Call it inside `pillow_errors`.

    Args:
        image: what `open_image` returned.
        data: the file that it was opened from.

    Raises:
        UnreadableImage: a JPEG that lacks a part of its picture. One that lacks its end marker alone is complete.
        OSError: another picture that is incomplete, as Pillow reports it.
    """
    if isinstance(image, JpegImageFile):
        _load_jpeg(image, data)
    elif image.format in _BY_THEMSELVES:
        image.load()
    else:
        _load(image)


def _load_jpeg(image: JpegImageFile, data: bytes) -> None:
    jpeg = parse_jpeg(data)
    if not has_all_restarts(data, jpeg):
        raise unreadable("ends early")
    image.load_prepare()
    name, extents, _, options = image.tile[0]
    decoder = Image._getdecoder(image.mode, name, options, image.decoderconfig)  # noqa: SLF001 - as Pillow's plugins do
    try:
        decoder.setimage(image.im, extents)
        if jpeg.frame.arithmetic:  # this decoder cannot wait for data, and would take zeros from beyond the end anyhow
            _finish(decoder, data[: jpeg.end] + _END)
        else:
            _decode(decoder, memoryview(data)[: jpeg.end])
    finally:
        decoder.cleanup()
    image.tile = []
    image.load_end()


def _decode(decoder: Any, picture: memoryview) -> None:
    """Give the decoder the picture without its end marker, and see whether it wants more.

    With an end marker in sight, libjpeg fills what is missing, and says so only in a warning that Pillow does not pass
    on. Without one, it waits. A decoder that waits between two scans skips padding; one that waits inside of a scan
    leaves it, because it is not enough to go on with.
    """
    pending = bytes(picture) + _PAD * _LOOKAHEAD
    for padding in (b"", _PAD):
        pending += padding
        consumed, fault = decoder.decode(pending)
        if consumed < 0:
            if fault < 0:
                raise unreadable("is damaged")
            return  # a single scan is complete when its last row is
        pending = pending[consumed:]
        if pending:
            raise unreadable("ends early")
    _finish(decoder, _END)


def _finish(decoder: Any, pending: bytes) -> None:
    consumed, fault = decoder.decode(pending)
    if consumed >= 0 or fault < 0:
        raise unreadable("is damaged")

"""What pictures of all formats declare before a pixel is decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

_ORIENTATION: Final = 0x0112


@dataclass(frozen=True)
class ImageHeader:
    """What a picture declares.

    Attributes:
        width: in pixels, as stored: before `orientation` is applied.
        height: in pixels, as stored.
        format: ``PNG``, ``JPEG``, ``WEBP``… as Pillow names it.
        channels: 1, 3 or 4: what `decode_image` will return.
        bits: per channel as stored.
        frames: of an animated PNG, WebP or AVIF; GIF and TIFF count as 1, since counting would mean reading them whole.
        orientation: EXIF's, 1..8; 1 is upright.
    """

    width: int
    height: int
    format: str
    channels: int
    bits: int = 8
    frames: int = 1
    orientation: int = 1

    @property
    def pixels(self) -> int:
        """How many pixels one frame has."""
        return self.width * self.height

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as a person sees it, orientation applied."""
        return (self.height, self.width) if self.orientation > 4 else (self.width, self.height)


def orientation_in(load_exif: Callable[[], Any]) -> int:
    """The orientation in EXIF data, whose loader is given; 1 where there is none, or one that makes no sense."""
    try:
        value = load_exif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - Pillow raises nearly anything over damaged EXIF, and the pixels are still good
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1

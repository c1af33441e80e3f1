"""Pictures in other formats than PNG: what they declare before a pixel is decoded, and how Pillow opens them.

Whatever Pillow raises becomes one of our errors. Its own size check is not used: it has one limit for the whole
process, and warns before it refuses. Callers check `datasete.imaging.image_header` first. Only formats that hold
pictures are tried, never EPS, PDF and their like.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from datasete.errors import DataseteError, TooLarge, UnreadableImage
from datasete.imaging.chunks import SIGNATURE, unreadable

if TYPE_CHECKING:
    from PIL import ImageFile


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


FORMATS: Final = ("JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "JPEG2000", "PPM")
MAX_SCANS: Final = 100
"""A progressive JPEG has about ten; each one more costs a pass over the whole picture."""

GREY_MODES: Final = frozenset({"1", "L", "I", "F"})
_FORMATS_WITH_FRAMES: Final = frozenset({"WEBP", "AVIF"})
_BITS_BY_MODE: Final = {"1": 1, "I": 32, "F": 32}


def read_pillow_header(data: bytes) -> ImageHeader:
    """The header of any format but PNG; nothing is decoded.

    Raises:
        UnreadableImage: in none of `FORMATS`, or broken.
    """
    with pillow_errors():
        image = open_image(data)
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        wide = image.mode.startswith("I;16")
        return ImageHeader(
            width=image.width,
            height=image.height,
            format=kind,
            channels=4 if image.has_transparency_data else 1 if wide or image.mode in GREY_MODES else 3,
            bits=16 if wide else _BITS_BY_MODE.get(image.mode, 8),
            frames=getattr(image, "n_frames", 1) if kind in _FORMATS_WITH_FRAMES else 1,
            orientation=1 if kind == "TIFF" else orientation_in(image.getexif),  # Pillow turns TIFFs by itself
        )


def open_image(data: bytes) -> ImageFile.ImageFile:
    """Open a picture in one of `FORMATS` without decoding it. To be called inside `pillow_errors`."""
    from PIL import Image

    Image.init()
    for name in FORMATS:
        factory, accepts = Image.OPEN.get(name, (None, None))
        if factory is None or (accepts and accepts(data[:16]) is not True):
            continue
        if name == "JPEG" and data.count(b"\xff\xda") > MAX_SCANS:
            raise unreadable(f"is a JPEG of more than {MAX_SCANS} scans")
        try:
            return factory(BytesIO(data), "")
        except (SyntaxError, IndexError, TypeError, KeyError, struct.error, EOFError):
            continue  # not this one after all: what Pillow's own open() takes it to mean
    raise unreadable(f"is no PNG, {', '.join(FORMATS[:-1])} or {FORMATS[-1]} file")


@contextmanager
def pillow_errors() -> Iterator[None]:
    """Turn whatever Pillow raises over a bad picture into one of our errors.

    Raises:
        UnreadableImage: damaged.
        TooLarge: there is not enough memory.
    """
    try:
        yield
    except DataseteError:
        raise
    except MemoryError as error:
        raise TooLarge("The picture needs more memory than there is.", hint="It was left as it is.") from error
    except Exception as error:
        raise unreadable("is damaged") from error


_MODES_OF_PNG: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})


def as_png(data: bytes) -> bytes:
    """Return a picture as a PNG: one that is a PNG already as it is, any other converted without loss.

    Raises:
        UnreadableImage: it cannot be decoded.
    """
    if data.startswith(SIGNATURE):
        return data
    from PIL import Image

    buffer = BytesIO()
    try:
        with Image.open(BytesIO(data)) as image:
            image.load()
            plain = image if image.mode in _MODES_OF_PNG else image.convert("RGB")
            plain.save(buffer, "PNG", exif=image.getexif())
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableImage(f"A picture cannot be decoded: {error}.", hint="It was left as it is.") from error
    return buffer.getvalue()

"""Pictures in the formats that Pillow decodes: reading their headers, and opening them.

Pillow's exceptions become our errors. Its size check is not used, because its limit applies to the entire process and
warns before it refuses; callers check sizes with `datasete.imaging.image_header` first. Only picture formats are tried,
never EPS, PDF and the like.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

from datasete.errors import DataseteError, TooLarge
from datasete.imaging.chunks import unreadable
from datasete.imaging.decoders.jpeg2000 import parse_jpeg2000
from datasete.imaging.decoders.jpeg_markers import check_scans, parse_frame

if TYPE_CHECKING:
    from PIL import ImageFile


_ORIENTATION: Final = 0x0112
MAX_EXIF_BYTES: Final = 1 << 20
"""EXIF is at most 64 KB in a JPEG; other formats set no limit, and only the orientation is wanted."""


@dataclass(frozen=True)
class ImageHeader:
    """What a picture's header says.

    Attributes:
        width: in pixels, as stored, before `orientation` is applied.
        height: in pixels, as stored.
        format: ``PNG``, ``JPEG``, ``WEBP``…, as Pillow names it.
        channels: 1, 3 or 4, as `decode_image` will return.
        bits: bits per channel, as stored.
        frames: those of an animated PNG, WebP or AVIF. GIF and TIFF count as 1: counting would mean reading the file.
        orientation: EXIF's, 1..8; 1 is upright.
        keep_colors: whether an ICC profile is ignored; otherwise colours become sRGB when the picture is decoded.
    """

    width: int
    height: int
    format: str
    channels: int
    bits: int = 8
    frames: int = 1
    orientation: int = 1
    keep_colors: bool = False

    @property
    def pixels(self) -> int:
        """The number of pixels of one frame."""
        return self.width * self.height

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as a person sees them, with the orientation applied."""
        return (self.height, self.width) if self.orientation > 4 else (self.width, self.height)


def orientation_in(exif: bytes) -> int:
    """Read the orientation from EXIF data, in any type of whole number; 1 if it is missing or makes no sense.

    EXIF counts where the format has its place for it, as do AVIF's own properties and TIFF's own tag. XMP never counts,
    nor does EXIF that ImageMagick once wrote into a PNG as text: no browser turns a picture by them, and programs that
    turn a picture and correct its EXIF leave them behind.
    """
    from PIL import Image

    if not exif:
        return 1
    try:
        found = Image.Exif()
        found.load(exif[:MAX_EXIF_BYTES])
        value = found.get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - damaged EXIF makes Pillow raise nearly anything, and the pixels are still good
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


FORMATS: Final = ("JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "JPEG2000", "PPM")
_BY_PILLOW: Final = ("JPEG", "WEBP", "AVIF", "GIF", "JPEG2000")
_FORMATS_WITH_FRAMES: Final = frozenset({"WEBP", "AVIF"})


def read_pillow_header(data: bytes) -> ImageHeader:
    """Read the header of a format that Pillow decodes; pixels are not decoded.

    Raises:
        UnreadableImage: in none of `FORMATS`, damaged, or of a kind that cannot be decoded; the error names the kind.
    """
    with pillow_errors():
        image = open_image(data)
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        wide = image.mode.startswith("I;16")
        return ImageHeader(
            width=image.width,
            height=image.height,
            format=kind,
            channels=4 if image.has_transparency_data else 1 if wide or image.mode == "L" else 3,
            bits=16 if wide else 8,
            frames=getattr(image, "n_frames", 1) if kind in _FORMATS_WITH_FRAMES else 1,
            orientation=orientation_in(image.info.get("exif", b"")),
        )


def open_image(data: bytes) -> ImageFile.ImageFile:
    """Open a picture in a format that Pillow decodes, without decoding it. Call it inside `pillow_errors`."""
    from PIL import Image

    # Not Image.open(): it would also try formats that are not pictures, and apply its own size limit.
    Image.init()
    for name in _BY_PILLOW:
        factory, accepts = Image.OPEN.get(name, (None, None))
        if factory is None or (accepts and accepts(data[:16]) is not True):
            continue
        _check_kind(name, data)
        try:
            return factory(BytesIO(data), "")
        except (SyntaxError, IndexError, TypeError, KeyError, struct.error, EOFError):
            continue  # another format after all: Pillow's own open() treats these errors the same way
    raise unreadable(f"is not a PNG, {', '.join(FORMATS[:-1])} or {FORMATS[-1]} file")


def _check_kind(name: str, data: bytes) -> None:
    """Refuse what Pillow would decode wrongly, or refuse without saying why.

    Raises:
        UnreadableImage: the picture is of such a kind, or has too many scans.
    """
    if name == "JPEG":
        parse_frame(data)
        check_scans(data)
    elif name == "JPEG2000":
        parse_jpeg2000(data)


@contextmanager
def pillow_errors() -> Iterator[None]:
    """Translate what Pillow raises for a bad picture into our errors.

    Raises:
        UnreadableImage: the picture is damaged.
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

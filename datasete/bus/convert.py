"""Pictures that somebody saved in another format under a PNG's name, made publishable again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from datasete.errors import UnreadableImage

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_SAVED_AS_THEY_ARE: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})


def as_pngs(pictures: Sequence[bytes]) -> list[bytes]:
    """The same pictures as PNGs: those that are stay as they are, others are converted without loss.

    Raises:
        UnreadableImage: one cannot be decoded.
    """
    return [data if data.startswith(SIGNATURE) else _converted(data) for data in pictures]


def _converted(data: bytes) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            plain = image if image.mode in _SAVED_AS_THEY_ARE else image.convert("RGB")
            plain.save(buffer, "PNG", exif=image.getexif())
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableImage(f"A picture cannot be decoded: {error}.", hint="It was left as it is.") from error
    return buffer.getvalue()

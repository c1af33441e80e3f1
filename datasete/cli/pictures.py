"""Picture files named on the command line, as the bus wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from datasete.config import LimitSettings
from datasete.errors import InvalidInput, TooLarge
from datasete.imaging.png import decode_image, decode_mask, encode_image, encode_mask


def read_pictures(paths: Sequence[Path], limits: LimitSettings) -> list[bytes]:
    """Each file as a PNG in its upright orientation."""
    return [_named(path, lambda data: encode_image(decode_image(data, limits)), limits) for path in paths]


def read_mask(path: Path, limits: LimitSettings) -> bytes:
    """A file as a mask PNG, white is painted."""
    return _named(path, lambda data: encode_mask(decode_mask(data, limits)), limits)


def _named(path: Path, convert: Callable[[bytes], bytes], limits: LimitSettings) -> bytes:
    """Convert one file, and put its name before whatever is wrong with it."""
    try:
        if path.stat().st_size > limits.image_bytes:
            raise TooLarge(f"{path} is larger than {limits.image_bytes:,} bytes.", hint="Nothing was published.")
        return convert(path.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", hint="Nothing was published.") from error
    except InvalidInput as error:
        raise type(error)(f"{path}: {error.message}", hint="Nothing was published.") from error

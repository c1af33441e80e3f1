"""Reads the files that a batch lists, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from datasete.batch.sources import Place, shown
from datasete.config import LimitSettings
from datasete.errors import NotFound, StoreDenied, StoreUnavailable, TooLarge
from datasete.storage import Storage


def read_file(storage: Callable[[str], Storage], place: Place, name: str, limits: LimitSettings) -> bytes:
    """The bytes of the file `name`, a path below `place`.

    Raises:
        NotFound: the file is gone.
        StoreDenied: the file, or the folder, may not be read.
        StoreUnavailable: the whole folder is gone, or its store does not answer: no fault of this file.
        TooLarge: it has more bytes than `limits` allow.
    """
    return _stored(storage, place, name, limits) if place.space else _on_disk(place, name, limits)


def _on_disk(place: Place, name: str, limits: LimitSettings) -> bytes:
    path = Path(place.path, *name.split("/"))
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size > limits.image_bytes:
                raise TooLarge(f"It has {size:,} bytes, and {limits.image_bytes:,} are allowed.")
            return file.read(limits.image_bytes + 1)
    except FileNotFoundError as error:
        if not Path(place.path).is_dir():
            raise StoreUnavailable(f"The folder “{shown(place.path)}” is gone.", hint="Bring it back.") from error
        raise NotFound("It is gone since the folder was listed.") from error
    except PermissionError as error:
        raise StoreDenied("It may not be read.") from error
    except OSError as error:
        raise StoreDenied(f"It could not be read: {error.strerror or error}.") from error


def _stored(storage: Callable[[str], Storage], place: Place, name: str, limits: LimitSettings) -> bytes:
    blob = storage(place.space).get(f"{place.path}/{name}" if place.path else name)
    if blob is None:
        raise NotFound("It is gone since the folder was listed.")
    if len(blob.data) > limits.image_bytes:
        raise TooLarge(f"It has {len(blob.data):,} bytes, and {limits.image_bytes:,} are allowed.")
    return blob.data

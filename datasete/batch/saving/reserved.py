"""Places where no saver may write: those of bus, pools and review, by whatever name or path they are reached."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from datasete.batch.folder.sources import Location, shown
from datasete.config import BUS, POOLS
from datasete.errors import Forbidden
from datasete.ids import same_name
from datasete.plugin import Space

RESERVED: Final = (BUS, POOLS, "review")
"""Spaces whose files belong together: a picture that is written between them damages what they keep."""


def check_unreserved(location: Location, spaces: Mapping[str, Space]) -> None:
    """Check that a folder is in none of the reserved spaces, under no other name either.

    Args:
        location: the folder to write into, links resolved.
        spaces: all configured spaces by name.

    Raises:
        Forbidden: it is.
    """
    where = _place(spaces[location.space].url if location.space else "", location.path)
    folder = f"{location.space}:{location.path}" if location.space else location.path
    for name in RESERVED:
        if location.space == name or (name in spaces and _is_within(where, _place(spaces[name].url, ""))):
            raise Forbidden(
                f"The folder “{shown(folder)}” is in the space “{name}”, where no saver may write: its files belong "
                "together.",
                hint="Nothing was written. Name another folder; a gate with send_id publishes to a slot.",
            )


def _place(url: str, path: str) -> str:
    """Return where a path in a space is, in a form in which equal places are equal."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.lower() == "file":
        folder = url2pathname(urlsplit(url).path) if separator else url
        local = os.path.realpath(os.path.join(os.path.expanduser(folder), path))  # noqa: PTH111, PTH118 - may be empty
        return same_name(local.replace(os.sep, "/")).rstrip("/")
    parts = [part for part in f"{rest}/{path}".split("/") if part not in ("", ".")]
    return same_name(f"{scheme}://{'/'.join(parts)}")


def _is_within(place: str, folder: str) -> bool:
    return place == folder or place.startswith(f"{folder}/")

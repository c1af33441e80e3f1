"""The keys of a slot's files, and the form of its tokens and version names.

::

    <slot>/image.png                            what people and readers see; replacing it is the commit
    <slot>/mask.png                             for people; readers never need it to be fresh
    .versions/<slot>/<token>/mask.png           written before the commit of <token>, never changed
    .versions/<slot>/<token>/frame-0002.png     further frames and their masks, likewise
    .versions/<slot>/<token>/mask-0002.png
    .versions/<slot>/<token>/image.png          a copy of the committed image: proof that <token> was committed
    .versions/<slot>/hand-<token>/…             a hand edit that a publish replaced, complete in itself
    .versions/<slot>/order/<number>-<version>   a note of the place of a version in the slot's history
    .versions/.removed/<slot>                   a note that the slot was removed; its versions stay for a while
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import Final

from datasete.bus.models import Origin

IMAGE: Final = "image.png"
MASK: Final = "mask.png"
VERSIONS: Final = ".versions"
HAND: Final = "hand-"
ORDER: Final = "order"
REMOVED: Final = ".versions/.removed/"
MAX_FRAMES: Final = 9999

_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
_VERSION: Final = re.compile(r"(?:hand-)?[0-9a-f]{32}")
_NOTE: Final = re.compile(r"([0-9]{12})-((?:hand-)?[0-9a-f]{32})")
_ORIGIN_DIGITS: Final[dict[Origin, str]] = {"publish": "7", "edit": "8", "restore": "9"}


def image_key(slot: str) -> str:
    """The key of the picture that people and readers see."""
    return f"{slot}/{IMAGE}"


def mask_key(slot: str) -> str:
    """The key of the mask that people see."""
    return f"{slot}/{MASK}"


def versions_prefix(slot: str) -> str:
    """The common beginning of every version key of `slot`."""
    return f"{VERSIONS}/{slot}/"


def version_key(slot: str, version: str, file: str) -> str:
    """The key of a file of a version."""
    return f"{VERSIONS}/{slot}/{version}/{file}"


def order_prefix(slot: str) -> str:
    """The common beginning of the notes on the order of the versions of `slot`."""
    return f"{versions_prefix(slot)}{ORDER}/"


def order_key(slot: str, number: int, version: str) -> str:
    """The key of the note that `version` has place `number` in the history of `slot`."""
    return f"{order_prefix(slot)}{number:012d}-{version}"


def parse_order(file: str) -> tuple[int, str] | None:
    """The number and the version in the file name of such a note; None if it is something else."""
    found = _NOTE.fullmatch(file)
    return (int(found[1]), found[2]) if found else None


def removal_key(slot: str) -> str:
    """The key of the note that `slot` was removed. No slot's versions lie there, because no slot begins with a dot."""
    return REMOVED + slot


def removed_slot(key: str) -> str:
    """The slot of a note at `removal_key`."""
    return key.removeprefix(REMOVED)


def frame_file(number: int) -> str:
    """The file name of frame `number` (from 1) in a version."""
    return IMAGE if number == 1 else f"frame-{number:04d}.png"


def mask_file(number: int) -> str:
    """The file name of the mask of frame `number` (from 1) in a version."""
    return MASK if number == 1 else f"mask-{number:04d}.png"


def further_files(frames: int) -> Iterable[str]:
    """The file names of frames 2 to `frames`, then those of their masks."""
    numbers = range(2, frames + 1)
    yield from map(frame_file, numbers)
    yield from map(mask_file, numbers)


def new_token(seconds: float, origin: Origin = "publish") -> str:
    """A new token: 48 bits of milliseconds, a digit for the origin, 76 random bits."""
    return f"{int(seconds * 1000) & 0xFFFFFFFFFFFF:012x}{_ORIGIN_DIGITS[origin]}{secrets.token_hex(10)[:19]}"


def is_token(text: object) -> bool:
    """Whether `text` has the form of a token."""
    # A seal in a PNG can hold any text. This check keeps it from becoming a path.
    return isinstance(text, str) and _TOKEN.fullmatch(text) is not None


def is_version(text: object) -> bool:
    """Whether `text` has the form of a version's name."""
    return isinstance(text, str) and _VERSION.fullmatch(text) is not None


def origin_of(version: str) -> Origin:
    """What made `version`: a publish, a restore or a hand edit."""
    if version.startswith(HAND):
        return "edit"
    return "restore" if version[12] == _ORIGIN_DIGITS["restore"] else "publish"


def created_at(version: str) -> float:
    """When the token in `version` was made, in Unix seconds."""
    return int(version.removeprefix(HAND)[:12], 16) / 1000

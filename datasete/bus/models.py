"""What the bus hands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Origin = Literal["publish", "edit", "restore"]


@dataclass(frozen=True)
class Published:
    """A publish that was committed.

    Attributes:
        slot: the slot's name as the store has it (``cp1`` when ``CP1`` was asked for and ``cp1`` existed).
        token: the publish's own token, 32 hexadecimal digits.
        replaced: whether there was a picture before.
    """

    slot: str
    token: str
    replaced: bool


@dataclass(frozen=True)
class Slot:
    """What a slot, or a version of it, holds; whole, and of one publish (or of that with a later hand edit).

    Attributes:
        name: as the store has it.
        images: the encoded frames, frame 1 first; at least one.
        masks: encoded L PNGs, white = painted, one a frame; fewer when a picture was put there by hand (perhaps none).
        modified: when the picture was committed or edited, in Unix seconds.
        token: of the publish that the picture goes back to; empty when it was put there by hand.
    """

    name: str
    images: tuple[bytes, ...]
    masks: tuple[bytes, ...]
    modified: float
    token: str


@dataclass(frozen=True)
class FirstFrame:
    """The first picture of a slot, or of a version of it, without the rest.

    Attributes:
        name: the slot's, as the store has it.
        image: the encoded picture.
        frames: how many pictures there are, as the file says.
        modified: when it was written, in Unix seconds.
        version: an opaque text that changes whenever the picture does.
    """

    name: str
    image: bytes
    frames: int
    modified: float
    version: str


class SlotInfo(NamedTuple):
    """One line of the bus list: `size` is that of ``image.png`` in bytes, `modified` in Unix seconds."""

    name: str
    modified: float
    size: int


@dataclass(frozen=True)
class SlotList:
    """The bus list in natural order, and how many objects in the space are none of ours."""

    slots: tuple[SlotInfo, ...]
    foreign: int


@dataclass(frozen=True)
class Version:
    """A line of a slot's history.

    Attributes:
        version: pass it to `restore`.
        created: when it was published, or when a hand edit was kept, in Unix seconds.
        frames: how many pictures it has.
        width: of the first one, in pixels; 0 when its header cannot be read.
        height: likewise.
        origin: whether a publish, a restore or an edit by hand made it.
        size: of its first picture in bytes.
    """

    version: str
    created: float
    frames: int
    width: int
    height: int
    origin: Origin
    size: int

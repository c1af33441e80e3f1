"""The values that the bus returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Origin = Literal["publish", "edit", "restore"]


@dataclass(frozen=True)
class Published:
    """A committed publish.

    Attributes:
        slot: the slot's name as the store has it: ``cp1`` if ``CP1`` was asked for and ``cp1`` existed.
        token: the token of this publish, 32 hexadecimal digits.
        replaced: whether the slot held a picture before.
    """

    slot: str
    token: str
    replaced: bool


@dataclass(frozen=True)
class Slot:
    """The content of a slot or of one of its versions, all from one publish, perhaps with a later hand edit.

    Attributes:
        name: the slot's name as the store has it.
        images: the encoded frames, frame 1 first; at least one.
        masks: encoded L PNGs, white = painted, one a frame; fewer, or none, if the picture was put there by hand.
        modified: when the picture was committed or edited, in Unix seconds.
        token: the publish that the picture comes from; empty if it was put there by hand.
    """

    name: str
    images: tuple[bytes, ...]
    masks: tuple[bytes, ...]
    modified: float
    token: str


@dataclass(frozen=True)
class FirstFrame:
    """The first picture of a slot or of one of its versions, without masks and further frames.

    Attributes:
        name: the slot's name as the store has it.
        image: the encoded picture.
        frames: the number of pictures, according to the file.
        modified: when it was written, in Unix seconds.
        version: an opaque text that changes whenever the picture changes.
    """

    name: str
    image: bytes
    frames: int
    modified: float
    version: str


class SlotInfo(NamedTuple):
    """One line of the bus list. `size` is the size of ``image.png`` in bytes, `modified` is in Unix seconds."""

    name: str
    modified: float
    size: int


@dataclass(frozen=True)
class SlotList:
    """The bus list in natural order, and the number of other objects in the space, which Datasete leaves alone."""

    slots: tuple[SlotInfo, ...]
    foreign: int


@dataclass(frozen=True)
class Version:
    """One line of a slot's history.

    Attributes:
        version: its name, for `restore`.
        created: when it was published, or when a hand edit was archived, in Unix seconds.
        frames: the number of pictures.
        width: the first picture's, in pixels; 0 if its header cannot be read.
        height: the same.
        origin: what made it: a publish, a restore or an edit by hand.
        size: the size of the first picture in bytes.
    """

    version: str
    created: float
    frames: int
    width: int
    height: int
    origin: Origin
    size: int

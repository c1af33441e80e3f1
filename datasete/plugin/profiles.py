"""What plugins that pack and unpack profiles deal in. Re-exported by `datasete.plugin`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class ProfileFormat:
    """A form in which profiles leave and enter.

    Attributes:
        id: stable and unique, for programs and URLs: lower-case letters, digits and dashes.
        label: for menus.
        suffix: of its files, with the dot.
        media_type: of its files.
        can_pack: whether profiles can be written in it.
        can_unpack: whether they can be read from it.
    """

    id: str
    label: str
    suffix: str
    media_type: str = "application/octet-stream"
    can_pack: bool = True
    can_unpack: bool = True


@dataclass(frozen=True)
class ProfileItem:
    """One picture of a profile.

    Attributes:
        image: its file name, with a suffix. A target takes over the names that Datasete makes, and numbers others.
        open_image: opens the encoded picture for one reading; the caller closes it.
        label: free text.
        mask: its mask's file name, or "".
        open_mask: opens the encoded mask (white is painted), or None.
        attributes: further JSON values kept with the picture.
    """

    image: str
    open_image: Callable[[], BinaryIO] = field(repr=False)
    label: str = ""
    mask: str = ""
    open_mask: Callable[[], BinaryIO] | None = field(default=None, repr=False)
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ProfileSource:
    """A profile to be packed.

    Attributes:
        name: the profile's name.
        count: how many pictures it has.
        items: the pictures in order, to be walked once; each is read when its file is opened.
        active: index of the active picture.
        attributes: further JSON values kept with the profile.
    """

    name: str
    count: int
    items: Iterable[ProfileItem] = field(repr=False)
    active: int = 0
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class PackingLimits:
    """How much an archive may hold.

    Attributes:
        entries: files.
        ratio: how many times larger than its stored form a file may be.
        item_bytes: bytes of one picture or mask.
        free_bytes: bytes that there is room for, or None when nobody knows.
    """

    entries: int
    ratio: int
    item_bytes: int
    free_bytes: int | None = None


@dataclass(frozen=True)
class PackingSummary:
    """What was packed or unpacked: pictures, and bytes of pictures and masks."""

    pictures: int
    bytes: int


class ProfileSink(Protocol):
    """Where a packed profile goes: written from front to back, never read, never sought."""

    def write(self, data: bytes) -> int:
        """Take all of `data`; return its length."""

    def flush(self) -> None:
        """Nothing, or hand on what was taken."""


class ProfileTarget(Protocol):
    """Where an unpacked profile goes. Nothing of it counts until the hook has returned."""

    @property
    def limits(self) -> PackingLimits:
        """How much may come."""

    def describe(self, name: str, active: int = 0, attributes: Mapping[str, object] | None = None) -> None:
        """Say what the profile is called; any text will do. `active` is the index of the active picture."""

    def add(self, item: ProfileItem) -> None:
        """Take over one picture, in order; its files are read before this returns.

        Raises:
            InvalidInput: it is no picture, or too large. Let it pass: the import ends, and nothing is left of it.
        """

"""The types for exporting and importing profiles. Re-exported by `datasete.plugin`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class ProfileFormat:
    """A file format for the export and import of profiles.

    Attributes:
        id: stable and unique, for programs and URLs: lower-case letters, digits and dashes.
        label: for menus.
        suffix: the suffix of its files, with the dot.
        media_type: the media type of its files.
        can_pack: whether it can be exported.
        can_unpack: whether it can be imported.
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
        image: its file name, with a suffix. A target keeps names of Datasete's own form, and numbers others.
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
        items: the pictures in order, to be iterated once; each is read when its file is opened.
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
        entries: how many files.
        ratio: how many times larger than its stored form a file may be.
        item_bytes: bytes of one picture or mask.
        free_bytes: how many bytes there is room for, or None when that is not known.
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
    """Where a packed profile goes: written from front to back, without reading or seeking."""

    def write(self, data: bytes) -> int:
        """Take all of `data`; return its length."""

    def flush(self) -> None:
        """Pass on what was written, if the sink buffers at all."""


class ProfileTarget(Protocol):
    """Where an unpacked profile goes. Nothing of it is kept unless the hook returns."""

    @property
    def limits(self) -> PackingLimits:
        """How much is accepted."""

    def describe(self, name: str, active: int = 0, attributes: Mapping[str, object] | None = None) -> None:
        """Name the profile; any text is accepted. `active` is the index of the active picture."""

    def add(self, item: ProfileItem) -> None:
        """Add one picture, in order; its files are read before this returns.

        Raises:
            InvalidInput: it is not a picture, or too large. Let it pass: the import ends and leaves nothing behind.
        """

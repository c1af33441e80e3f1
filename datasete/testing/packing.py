"""The suite for profile formats: subclass it, name the plugin and the format, and run pytest.

A subclass gives the `plugin` (a module or object with the hooks) and the `format` to test. It inherits all checks.
"""

from __future__ import annotations

# the names of the checks are their documentation
# ruff: noqa: D102
import io
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, ClassVar, Final

import pytest

from datasete.plugin import InvalidInput, PackingLimits, ProfileFormat, ProfileItem, ProfileSource, TooLarge

LIMITS: Final = PackingLimits(entries=1000, ratio=200, item_bytes=1_000_000)


def picture(number: int) -> bytes:
    """A tiny PNG, different for every number."""
    header = b"\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"
    pixel = bytes([0, number % 256, number // 256 % 256, 77])
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixel)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big") for kind, body in chunks
    )


class RecordingTarget:
    """A `ProfileTarget` that records what it receives."""

    def __init__(self, limits: PackingLimits = LIMITS) -> None:
        self.limits = limits
        self.name = ""
        self.active = 0
        self.attributes: Mapping[str, object] = {}
        self.items: list[tuple[ProfileItem, bytes, bytes | None]] = []

    def describe(self, name: str, active: int = 0, attributes: Mapping[str, object] | None = None) -> None:
        """Record it."""
        self.name, self.active, self.attributes = name, active, attributes or {}

    def add(self, item: ProfileItem) -> None:
        """Read both files and record them."""
        with item.open_image() as file:
            image = file.read()
        mask = None
        if item.open_mask:
            with item.open_mask() as file:
                mask = file.read()
        self.items.append((item, image, mask))


class ForwardSink(io.RawIOBase):
    """A `ProfileSink` that can only be written to."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        """Always true."""
        return True

    def write(self, data: Any) -> int:
        """Record them."""
        self.data += data
        return len(data)


class PackingConformance:
    """The checks.

    Attributes:
        plugin: has the hooks.
        format: the format's id.
        keeps_names: whether file names survive the way out and in.
        keeps_attributes: whether further values do, and the active picture, and the profile's name.
    """

    plugin: ClassVar[Any]
    format: ClassVar[str]
    keeps_names: ClassVar[bool] = True
    keeps_attributes: ClassVar[bool] = True

    def source(self, count: int = 5, name: str = "samples") -> ProfileSource:
        """A profile with `count` pictures; every second has a mask, and every third has no label."""

        def items() -> Iterator[ProfileItem]:
            for number in range(1, count + 1):
                image, mask = picture(number), picture(number + 1000)
                yield ProfileItem(
                    image=f"img_{number:04d}.png",
                    open_image=lambda image=image: io.BytesIO(image),  # type: ignore[misc]
                    label="" if number % 3 == 0 else f"Bild {number}: größer, “cat”",
                    mask=f"img_{number:04d}.mask.png" if number % 2 else "",
                    open_mask=(lambda mask=mask: io.BytesIO(mask)) if number % 2 else None,  # type: ignore[misc]
                    attributes={"added": 1_700_000_000.5 + number, "stars": number},
                )

        return ProfileSource(name, count, items(), min(1, count), {"next_seq": count + 1, "theme": {"dark": True}})

    def packed(self, source: ProfileSource) -> bytes:
        """The bytes of a profile."""
        sink = ForwardSink()
        assert self.plugin.datasete_profile_pack(format=self.format, profile=source, sink=sink) is not None
        return bytes(sink.data)

    def unpacked(self, data: bytes, limits: PackingLimits = LIMITS) -> RecordingTarget:
        """What a target receives when they are unpacked."""
        target = RecordingTarget(limits)
        source: BinaryIO = io.BytesIO(data)
        assert self.plugin.datasete_profile_unpack(format=self.format, source=source, target=target) is not None
        return target

    def test_the_format_is_listed_with_all_that_a_menu_needs(self) -> None:
        formats: list[ProfileFormat] = self.plugin.datasete_profile_formats()
        mine = next(each for each in formats if each.id == self.format)
        assert mine.label
        assert mine.suffix.startswith(".")
        assert "/" in mine.media_type

    def test_another_format_is_declined_both_ways(self) -> None:
        sink, source = ForwardSink(), io.BytesIO(b"")
        hooks = self.plugin
        assert hooks.datasete_profile_pack(format="no-such-format", profile=self.source(), sink=sink) is None
        assert hooks.datasete_profile_unpack(format="no-such-format", source=source, target=RecordingTarget()) is None
        assert not sink.data

    @pytest.mark.parametrize("count", [1, 5, 300])
    def test_pictures_masks_labels_and_their_order_come_back(self, count: int) -> None:
        target = self.unpacked(self.packed(self.source(count)))
        given = list(self.source(count).items)
        assert [image for _, image, _ in target.items] == [item.open_image().read() for item in given]
        assert [mask for *_, mask in target.items] == [item.open_mask and item.open_mask().read() for item in given]
        assert [item.label for item, *_ in target.items] == [item.label for item in given]

    def test_names_come_back(self) -> None:
        if not self.keeps_names:
            return
        target = self.unpacked(self.packed(self.source()))
        assert [(item.image, item.mask) for item, *_ in target.items] == [
            (item.image, item.mask) for item in self.source().items
        ]

    def test_further_values_come_back(self) -> None:
        if not self.keeps_attributes:
            return
        target, source = self.unpacked(self.packed(self.source())), self.source()
        assert [item.attributes for item, *_ in target.items] == [item.attributes for item in source.items]
        assert (target.name, target.active, target.attributes) == (source.name, source.active, source.attributes)

    def test_items_are_read_one_after_the_other(self) -> None:
        alive: list[int] = []

        class Watched(io.BytesIO):
            def close(self) -> None:
                if not self.closed:
                    alive.remove(1)
                super().close()

        def items() -> Iterator[ProfileItem]:
            for number in range(20):
                assert len(alive) <= 1

                def opened(number: int = number) -> BinaryIO:
                    alive.append(1)
                    return Watched(picture(number))

                yield ProfileItem(f"img_{number:04d}.png", opened)

        self.packed(ProfileSource("x", 20, items()))
        assert not alive

    @pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.99])
    def test_a_file_that_is_cut_off_is_refused(self, part: float) -> None:
        data = self.packed(self.source())
        with pytest.raises(InvalidInput):
            self.unpacked(data[: int(len(data) * part)])

    def test_a_flipped_bit_in_a_picture_is_noticed(self) -> None:
        data = bytearray(self.packed(self.source()))
        data[data.index(picture(3)) + 60] ^= 1
        with pytest.raises(InvalidInput):
            self.unpacked(bytes(data))

    def test_what_an_item_raises_passes(self) -> None:
        def fail() -> BinaryIO:
            raise TooLarge("on purpose")

        with pytest.raises(TooLarge, match="on purpose"):
            self.packed(ProfileSource("x", 1, iter([ProfileItem("img_0001.png", fail)])))

    def test_what_the_target_raises_passes(self) -> None:
        class Refusing(RecordingTarget):
            def add(self, item: ProfileItem) -> None:
                raise TooLarge(item.image)

        source = io.BytesIO(self.packed(self.source()))
        with pytest.raises(TooLarge):
            self.plugin.datasete_profile_unpack(format=self.format, source=source, target=Refusing())

    def test_limits_are_kept(self) -> None:
        data = self.packed(self.source(50))
        for limits in (
            PackingLimits(entries=10, ratio=200, item_bytes=1_000_000),
            PackingLimits(entries=1000, ratio=200, item_bytes=20),
            PackingLimits(entries=1000, ratio=200, item_bytes=1_000_000, free_bytes=100),
        ):
            with pytest.raises(TooLarge):
                self.unpacked(data, limits)

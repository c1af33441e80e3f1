"""The structure of a JPEG: its frame header, its scans, and where the picture ends.

Phones store videos, second pictures and depth maps behind a picture, and cameras store previews before its first scan.
Only what belongs to the picture itself is looked at here. Neither torch nor numpy is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from datasete.imaging.chunks import unreadable, unsupported

MAX_SCANS: Final = 100
"""A progressive JPEG has about ten scans, and each costs another pass over all pixels."""

MAX_SIDE: Final = 65_500
"""What libjpeg reads and writes; the format has numbers up to 65,535."""

_FILL: Final = 0xFF
_START_OF_SCAN, _END_OF_IMAGE, _RESTART_INTERVAL = 0xDA, 0xD9, 0xDD
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PROGRESSIVE: Final = frozenset({0xC2, 0xCA})
_ARITHMETIC: Final = frozenset({0xC9, 0xCA})
_LOSSLESS: Final = frozenset({0xC3, 0xCB})
_HIERARCHICAL: Final = frozenset({0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF})
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_MARKER: Final = re.compile(rb"\xff+([^\x00\xff])")
_NEXT: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""What ends a scan: any marker but a restart. In the scan itself, each 0xFF is followed by 0.

Without a ``+`` for fill bytes, which would make the search eight times slower."""

_RESTART: Final = re.compile(rb"\xff[\xd0-\xd7]")


@dataclass(frozen=True)
class Scan:
    """One scan: its components, its coefficients, and its bytes.

    Attributes:
        components: the ids of its components.
        first: of its coefficients, in zigzag order.
        last: of its coefficients.
        low: how many low bits of them are still missing after this scan.
        interval: the number of units between two restart markers; 0 if there are none.
        start: of its compressed bytes.
        end: of its compressed bytes.
    """

    components: tuple[int, ...]
    first: int
    last: int
    low: int
    interval: int
    start: int
    end: int


@dataclass(frozen=True)
class Frame:
    """The frame header of a JPEG.

    Attributes:
        marker: its kind: 0xC0 is baseline, 0xC2 progressive.
        bits: of each channel.
        height: in pixels.
        width: in pixels.
        sampling: across and down, by component id.
    """

    marker: int
    bits: int
    height: int
    width: int
    sampling: dict[int, tuple[int, int]]

    @property
    def progressive(self) -> bool:
        """Whether each scan adds detail to the entire picture."""
        return self.marker in _PROGRESSIVE

    @property
    def arithmetic(self) -> bool:
        """Whether scans are coded arithmetically; their ends cannot be checked."""
        return self.marker in _ARITHMETIC

    def units(self, components: tuple[int, ...]) -> int:
        """How many units (MCUs) a scan of these components has."""
        across = max(sides[0] for sides in self.sampling.values())
        down = max(sides[1] for sides in self.sampling.values())
        wide, high = self.sampling[components[0]] if len(components) == 1 else (1, 1)
        alone = len(components) == 1
        columns = -(-self.width * wide // across) if alone else self.width
        rows = -(-self.height * high // down) if alone else self.height
        return -(-columns // (8 if alone else 8 * across)) * -(-rows // (8 if alone else 8 * down))


@dataclass(frozen=True)
class Jpeg:
    """A picture as far as it goes: `end` is where its end marker stands, or the end of the file without one."""

    frame: Frame
    scans: tuple[Scan, ...]
    end: int


def parse_frame(data: bytes) -> Frame:
    """Read the frame header of a JPEG.

    Raises:
        UnreadableImage: there is none, or the kind cannot be decoded.
    """
    for marker, start, end in _segments(data, 2):
        if marker in _FRAMES:
            return _frame(marker, data[start:end])
        if marker in {_START_OF_SCAN, _END_OF_IMAGE}:
            break
    raise unreadable("ends early")


def check_scans(data: bytes) -> None:
    """Check that a JPEG has no more than `MAX_SCANS` scans, looking at the bytes only where there may be more.

    Raises:
        UnreadableImage: it has more.
    """
    if data.count(b"\xff\xda") > MAX_SCANS:
        parse_jpeg(data)


def parse_jpeg(data: bytes) -> Jpeg:
    """Read the structure of a JPEG up to the end of its picture; what follows is ignored.

    Raises:
        UnreadableImage: it has too many scans, lacks some, or is of a kind that cannot be decoded.
    """
    frame = parse_frame(data)
    scans: list[Scan] = []
    interval, position = 0, 2
    while True:
        found = _next_scan(data, position, interval)
        if found is None:
            break
        scan, interval, position = found
        scans.append(scan)
        if len(scans) > MAX_SCANS:
            raise unreadable(f"is a JPEG of more than {MAX_SCANS} scans")
    if not scans or not _covers(frame, scans):
        raise unreadable("ends early")
    return Jpeg(frame, tuple(scans), scans[-1].end)


def _next_scan(data: bytes, position: int, interval: int) -> tuple[Scan, int, int] | None:
    """The next scan, the restart interval in force, and where it ends; None behind the last one."""
    for marker, start, end in _segments(data, position):
        if marker == _RESTART_INTERVAL and end - start >= 2:
            interval = int.from_bytes(data[start : start + 2], "big")
        elif marker == _START_OF_SCAN:
            scan = _scan(data, start, end, interval)
            return (scan, interval, scan.end) if scan else None
        elif marker == _END_OF_IMAGE:
            return None
    return None


def _segments(data: bytes, position: int) -> Iterator[tuple[int, int, int]]:
    """Markers with the start and end of their segments, up to the first that does not fit into the file."""
    while found := _MARKER.search(data, position):
        marker, start = found[1][0], found.end()
        if marker in _ALONE:
            position = start
            continue
        end = start if marker == _END_OF_IMAGE else start + int.from_bytes(data[start : start + 2], "big")
        if end > len(data) or (marker != _END_OF_IMAGE and end < start + 2):
            return
        yield marker, min(start + 2, end), end
        position = end


def _frame(marker: int, body: bytes) -> Frame:
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        raise unreadable("ends early")
    bits, count = body[0], body[5]
    if marker in _HIERARCHICAL:
        raise unsupported("a hierarchical JPEG")
    if marker in _LOSSLESS:
        raise unsupported("a lossless JPEG")
    if bits != 8:
        raise unsupported(f"a JPEG of {bits} bits per channel")
    if count not in {1, 3, 4}:
        raise unsupported(f"a JPEG with {count} channels")
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    if max(height, width) > MAX_SIDE:
        raise unsupported(f"a JPEG of more than {MAX_SIDE:,} pixels a side")
    sampling = {
        body[place]: (body[place + 1] >> 4 or 1, body[place + 1] & 15 or 1) for place in range(6, 6 + 3 * count, 3)
    }
    return Frame(marker, bits, height, width, sampling)


def _scan(data: bytes, start: int, end: int, interval: int) -> Scan | None:
    body = data[start:end]
    if not body or len(body) < 4 + 2 * body[0]:
        return None
    count = body[0]
    following = _NEXT.search(data, end)
    stop = following.start() if following else len(data)
    while stop > end and data[stop - 1] == _FILL:
        stop -= 1
    first, last, bits = body[1 + 2 * count : 4 + 2 * count]
    return Scan(tuple(body[1 : 1 + 2 * count : 2]), first, last, bits & 15, interval, end, stop)


def _covers(frame: Frame, scans: list[Scan]) -> bool:
    """Whether the scans bring every component to its full depth, and the last one has all its restarts."""
    components = set(frame.sampling)
    if any(not set(scan.components) <= components or not scan.components for scan in scans):
        raise unreadable("is damaged")
    if not frame.progressive:
        return components == {component for scan in scans for component in scan.components}
    missing = {(component, place) for component in components for place in range(64)}
    for scan in scans:
        if scan.low == 0:
            missing -= {
                (component, place) for component in scan.components for place in range(scan.first, scan.last + 1)
            }
    return not missing


def has_all_restarts(data: bytes, jpeg: Jpeg) -> bool:
    """Whether the last scan has as many restart markers as its length asks for."""
    scan = jpeg.scans[-1]
    if not scan.interval:
        return True
    wanted = -(-jpeg.frame.units(scan.components) // scan.interval) - 1
    return len(_RESTART.findall(data, scan.start, scan.end)) >= wanted

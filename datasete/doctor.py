"""Examines a space: whether it can be read and written, what it guarantees, and how fast it answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Final

from datasete.bus.listing import list_slots
from datasete.config import BUS
from datasete.errors import Conflict, DataseteError
from datasete.ids import new_id
from datasete.plugin import ABSENT, Space
from datasete.storage import Storage

TIMED_READS: Final = 5
PROBE_FOLDER: Final = ".doctor"
_HERE: Final = "tabs and processes of this machine"
SHARED_BETWEEN: Final = {"file": _HERE, "sqlite": _HERE, "memory": "tabs, and gone when this program ends"}
"""Who can share a sound store, by scheme; with any other scheme, everyone."""


@dataclass
class Report:
    """What was found out about one space. `verdict` is the sentence to read, and `ok` whether it is good.

    Attributes:
        round_trip_ms: median time of a small read in milliseconds.
        conditional: conditional writes were tried, and every conflict was refused.
        slots: how many slots there are, for the bus.
        foreign: how many objects among them are not ours; they are left alone.
    """

    space: str
    url: str
    reachable: bool = False
    writable: bool = False
    atomic: bool = False
    conditional: bool = False
    server_copy: bool = False
    round_trip_ms: float | None = None
    slots: int | None = None
    foreign: int | None = None
    verdict: str = ""
    hint: str = ""
    ok: bool = field(default=False)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def examine(space: Space, open_storage: Callable[[str], Storage]) -> Report:
    """Probe one space with a small object, which is removed again; an error becomes the verdict.

    Nothing is tried twice: a store that does not answer at first is a finding, too.
    """
    report = Report(space.name, shown_url(space.url))
    try:
        storage = open_storage(space.name).with_deadline()
        # a listing first: it needs no right to write, so a space that is read-only is reachable at least
        storage.page(limit=1)
        report.reachable = True
        _probe(storage, report)
        if space.name == BUS:
            found = list_slots(storage)
            report.slots, report.foreign = len(found.slots), found.foreign
    except DataseteError as error:
        report.verdict, report.hint = error.message, error.hint
        return report
    report.verdict, report.ok = _verdict(report, space.scheme)
    return report


def shown_url(url: str) -> str:
    """A URL that may be shown: without credentials and settings, which some users put there all the same."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.lower() == "file":
        return url
    place = f"…@{rest.rpartition('@')[2]}" if "@" in rest else rest
    where, question, _ = place.partition("?")
    return f"{scheme}://{where}{question and '?…'}"


def _probe(storage: Storage, report: Report) -> None:
    key = f"{PROBE_FOLDER}/{new_id()}"
    try:
        first = storage.write(key, b"one", ABSENT)
        report.writable = True
        # a store may refuse the conflicts of this program, and still say that it cannot see those of others
        report.conditional = _refuses(storage, key, first) and storage.capabilities.conditional_write
        report.round_trip_ms = _round_trip(storage, key)
    finally:
        storage.delete(key)
    report.atomic = storage.capabilities.atomic_replace
    report.server_copy = storage.capabilities.server_copy


def _refuses(storage: Storage, key: str, first: str) -> bool:
    """Whether real conflicts are refused: creating what exists, and replacing a version that is gone."""
    storage.write(key, b"two", first)
    return all(_conflicts(storage, key, when) for when in (ABSENT, first))


def _conflicts(storage: Storage, key: str, when: object) -> bool:
    try:
        storage.write(key, b"three", when)  # type: ignore[arg-type]
    except Conflict:
        return True
    return False


def _round_trip(storage: Storage, key: str) -> float:
    times = []
    for _ in range(TIMED_READS):
        start = time.perf_counter()
        storage.get(key)
        times.append(time.perf_counter() - start)
    return round(median(times) * 1000, 3)


def _verdict(report: Report, scheme: str) -> tuple[str, bool]:
    if not report.atomic:
        return "Not safe: a reader can meet a half-written picture here.", False
    if not report.conditional:
        return "Safe for one writer at a time only: this store does not refuse conflicting writes.", False
    return f"Safe to share between {SHARED_BETWEEN.get(scheme, 'tabs, processes and machines')}.", True

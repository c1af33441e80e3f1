"""Everything a plugin author may import.

A plugin is a module or an object with functions marked `hookimpl`; `datasete.hookspecs` lists them all. A store plugin
returns an object that behaves like `Store`. Names that are not here may change without notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol, TypeAlias, runtime_checkable

import pluggy

from datasete.errors import (
    ConfigError,
    Conflict,
    CorruptData,
    DataseteError,
    InvalidInput,
    NotFound,
    StoreDenied,
    StoreError,
    StoreFull,
    StoreUnavailable,
    TooLarge,
    UnreadableArchive,
)
from datasete.packing import (
    PackingLimits,
    PackingSummary,
    ProfileFormat,
    ProfileItem,
    ProfileSink,
    ProfileSource,
    ProfileTarget,
)
from datasete.policy import Decision, PolicyChoice

__all__ = [
    "ABSENT",
    "ANY",
    "BatchProgress",
    "Blob",
    "Capabilities",
    "ConfigError",
    "Conflict",
    "CorruptData",
    "DataseteError",
    "Decision",
    "Entry",
    "Gate",
    "InvalidInput",
    "Listing",
    "NotFound",
    "PackingLimits",
    "PackingSummary",
    "PolicyChoice",
    "ProfileFormat",
    "ProfileItem",
    "ProfileSink",
    "ProfileSource",
    "ProfileTarget",
    "QueueJob",
    "Refresh",
    "Space",
    "Store",
    "StoreDenied",
    "StoreError",
    "StoreFull",
    "StoreUnavailable",
    "Ticket",
    "TooLarge",
    "Unchanged",
    "UnreadableArchive",
    "When",
    "hookimpl",
    "refresh_of",
]

PROJECT: Final = "datasete"

hookimpl: Final = pluggy.HookimplMarker(PROJECT)
"""Marks a function as an implementation of the hook of the same name."""


class _Condition:
    """A condition on a write that is not a version."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


ANY: Final = _Condition("ANY")
"""Write whatever is there now."""

ABSENT: Final = _Condition("ABSENT")
"""Write only if nothing is there yet."""

When: TypeAlias = "_Condition | str"
"""`ANY`, `ABSENT`, or the version that must still be there."""


@dataclass(frozen=True)
class Space:
    """A named place for bytes, as the configuration describes it.

    Attributes:
        name: ``bus``, ``pools``, or a name the user chose.
        url: where it is: a local path, ``file://…``, ``memory://…``, ``s3://bucket/prefix``, ``smb://host/share/path``…
        options: further settings for the store; may hold secrets, so it is never shown, logged or sent.
    """

    name: str
    url: str
    options: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def scheme(self) -> str:
        """The URL's scheme in lower case; ``file`` for a plain path, Windows drive letters included."""
        scheme, separator, _ = self.url.partition("://")
        return scheme.lower() if separator else "file"

    @property
    def store_options(self) -> Mapping[str, object]:
        """The options that are meant for the store: all but ``cache``, which the plugin of that name reads."""
        return {name: value for name, value in self.options.items() if name != "cache"}


@dataclass(frozen=True)
class Blob:
    """What is stored under a key.

    Attributes:
        data: all of its bytes.
        version: an opaque text that changes whenever the bytes do.
        modified: when it was written, in Unix seconds.
    """

    data: bytes
    version: str
    modified: float


class Entry(NamedTuple):
    """One line of a listing: `size` in bytes, `modified` in Unix seconds, `version` as `Blob.version` has it.

    `version` is empty where a listing cannot tell it cheaply.
    """

    key: str
    size: int
    modified: float
    version: str = ""


@dataclass(frozen=True)
class Listing:
    """A page of a listing in key order (code points of the whole key).

    Attributes:
        entries: the keys of this page.
        next: pass it as `after` to get the following page; None when this is the last.
    """

    entries: tuple[Entry, ...]
    next: str | None = None


@dataclass(frozen=True)
class Capabilities:
    """What a store guarantees beyond storing.

    Attributes:
        atomic_replace: a reader sees the old bytes or the new ones, never a mixture, whatever crashes when.
        conditional_write: `when` is honoured between all writers of the space, on other machines too.
        server_copy: `copy` moves no bytes through this machine, or links them.
        conditional_delete: `delete` honours its `versions` between all writers.
    """

    atomic_replace: bool
    conditional_write: bool
    server_copy: bool
    conditional_delete: bool = False


@runtime_checkable
class Store(Protocol):
    """The bytes behind one space. Synchronous, and safe to call from several threads at once.

    Keys are relative POSIX paths in Unicode NFC, such as ``portrait/image.png``: no empty, ``.`` or ``..`` part, no
    backslash, no control character, no leading or trailing slash. `datasete.storage` checks them before any store sees
    them. Folders are not objects: they appear with their first key and may be left behind or removed with the last.

    Faults are raised as `StoreUnavailable` (try again), `StoreDenied`, `StoreFull`, `Conflict` or `StoreError`; an
    OSError is translated by the caller. A missing key is no fault.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this store guarantees; fixed for its lifetime."""

    def read(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        """Read many keys at once, in parallel where the store can. Missing keys are absent from the result."""

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """Replace one key atomically and durably; return the new version.

        `data` is any bytes-like object. When it returns, the bytes survive a crash.

        Raises:
            Conflict: `when` did not hold; nothing was written.
        """

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """List keys that start with `prefix` and sort behind `after`, at most `limit` of them (fewer is fine).

        The listing is recursive: it yields keys, never folders. `after` need not exist, so a caller can skip ahead.
        """

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """Copy one key to another, replacing it; return the target's version.

        Raises:
            Conflict: `version` was given and the source is not at it any more (or is gone); nothing was copied.
            NotFound: the source does not exist.
        """

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """Delete keys; return how many existed. A key named in `versions` is only deleted while at that version."""

    def close(self) -> None:
        """Release connections. Called once; nothing is called afterwards."""


@dataclass(frozen=True)
class Unchanged:
    """What is still at the version that was known: `version` and `modified` as `Blob` has them, and no bytes."""

    version: str
    modified: float


Refresh: TypeAlias = Callable[[Mapping[str, "str | None"]], "Mapping[str, Blob | Unchanged]"]


def refresh_of(store: Store) -> Refresh | None:
    """The store's method ``refresh(known)``, if it has one; a store may, so that caches can save transfers.

    It reads the keys of `known` as `Store.read` does, but gives `Unchanged` for each that is still at the version named
    there, in a request that moves no bytes. None stands for no version. It has to be in the store's class: a wrapper
    that hands on whatever it does not know must not offer it by accident.
    """
    method: Refresh | None = getattr(store, "refresh", None) if hasattr(type(store), "refresh") else None
    return method


@dataclass(frozen=True)
class Gate:
    """A gate that waits for a person, as observers and policies see it.

    Attributes:
        prompt_id: the run that waits.
        node_id: the gate's node id in that run.
        list_index: which item of a list input it shows.
        routes: how many routes may be chosen, 1..10.
        frames: how many pictures the batch has.
        width: of a picture, in pixels.
        height: of a picture, in pixels.
        slot: the bus slot the picture was loaded from, or "" when it came by wire.
    """

    prompt_id: str
    node_id: str
    list_index: int
    routes: int
    frames: int
    width: int
    height: int
    slot: str = ""


@dataclass(frozen=True)
class QueueJob:
    """One more run of a prompt, wanted by a batch.

    Attributes:
        ticket: a UUID. Two jobs with the same ticket are the same run, asked for again: it must happen once.
        batches: keys of the batches that want the run.
        trigger: which trigger the configuration names; ``auto`` leaves it to the plugins.
        url: the ComfyUI that ``http`` posts to, from the configuration.
        prompt: the nodes of the last run, in ComfyUI's API format, widgets as they were then. Not to be changed.
        extra_data: what rode along: the workflow under ``extra_pnginfo``, the ticket. Holds no secrets. Not to be
            changed.
        client_id: the browser tab that queued the last run, or None.
        steps: by how many runs widgets with a control setting are to be advanced; 0 to repeat the last run.
        node_inputs: a node class's ``INPUT_TYPES()``, by its name; empty for an unknown one.
        send: sends a websocket message (event, data, client id or None for all).
        enqueue: puts (prompt, extra data) on the host's own queue, after its own validation, and returns the run's id,
            which is the ticket; secrets are added behind it. None where there is no server.
    """

    ticket: str
    batches: tuple[str, ...]
    trigger: str
    url: str
    prompt: Mapping[str, Any]
    extra_data: Mapping[str, Any]
    client_id: str | None
    steps: int
    node_inputs: Callable[[str], Mapping[str, Any]] = field(repr=False)
    send: Callable[[str, Mapping[str, object], str | None], None] = field(repr=False)
    enqueue: Callable[[Mapping[str, Any], Mapping[str, Any]], str] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Ticket:
    """A trigger's answer.

    Attributes:
        trigger: its name, for people.
        run: the id of the run on this host's own queue; empty when somebody else queues it.
        carried: the run will carry the ticket in its extra data. Otherwise the next run that is queued counts as it.
    """

    trigger: str
    run: str = ""
    carried: bool = True


@dataclass(frozen=True)
class BatchProgress:
    """How far a batch is.

    Attributes:
        key: names the batch.
        folder: its folder's own name, fit to be shown.
        index: the 0-based place of the file at work, or of the last one.
        total: how many files are listed.
        done: how many of this pass are done.
        skipped: how many were skipped.
        status: a line for people.
    """

    key: str
    folder: str
    index: int
    total: int
    done: int
    skipped: int
    status: str

"""What a store must do, and the types it works with. Re-exported by `datasete.plugin`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, TypeAlias, cast, runtime_checkable


class _Condition:
    """A condition on a write, other than a version."""

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
    """A named place for files, as the configuration describes it.

    Attributes:
        name: ``bus``, ``pools``, or a name the user chose.
        url: its location: a local path, ``file://…``, ``memory://…``, ``s3://bucket/prefix``, ``smb://host/share/path``…
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
        """The options for the store itself: all but ``cache``, which the cache plugin reads."""
        return {name: value for name, value in self.options.items() if name != "cache"}


@dataclass(frozen=True)
class Blob:
    """The content of a key.

    Attributes:
        data: all of its bytes.
        version: an opaque text that changes whenever the bytes change.
        modified: when it was written, in Unix seconds.
    """

    data: bytes
    version: str
    modified: float


class Entry(NamedTuple):
    """One line of a listing: `size` in bytes, `modified` in Unix seconds, `version` as `Blob.version` has it.

    `version` is empty where a listing does not have it.
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
        conditional_write: `when` is honoured between all writers of the space, also on other machines.
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

    Raise `StoreUnavailable` where trying again may help, `StoreDenied`, `StoreFull`, `Conflict` or `StoreError`; the
    caller translates any OSError. A missing key is not an error. What a store can do beyond this protocol has one of
    its own: `SupportsRefresh`, `SupportsOutline`.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this store guarantees. It does not change."""

    def read(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        """Read many keys at once, in parallel where the store can. Missing keys are left out."""

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """Replace one key atomically and durably; return the new version.

        `data` is any bytes-like object. Once this returns, the bytes survive a crash.

        Raises:
            Conflict: `when` did not hold; nothing was written.
        """

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """List keys that start with `prefix` and sort after `after`, at most `limit` of them (fewer are allowed).

        The listing is recursive: it yields keys, never folders. `after` need not exist, so a caller can skip ahead.
        """

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """Copy one key to another, replacing it; return the target's version.

        Raises:
            Conflict: `version` was given and the source has another one now, or is gone; nothing was copied.
            NotFound: the source does not exist.
        """

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """Delete keys; return how many existed. A key in `versions` is deleted only if it is at that version."""

    def close(self) -> None:
        """Release connections. This is the last call."""


@dataclass(frozen=True)
class Unchanged:
    """The answer for a key that is still at the known version: `version` and `modified` as in `Blob`, without bytes."""

    version: str
    modified: float


Refresh: TypeAlias = Callable[[Mapping[str, "str | None"]], "Mapping[str, Blob | Unchanged]"]

Outline: TypeAlias = Callable[[str, str, str, int], Listing]


@runtime_checkable
class SupportsRefresh(Protocol):
    """An optional power of a store: it can tell that a key is unchanged without sending its bytes.

    A cache uses it to save transfers. Ask `refresh_of` for it, not `isinstance`: the method has to be in the store's
    class, since a wrapper that hands on every unknown attribute would seem to have it.
    """

    def refresh(self, known: Mapping[str, str | None]) -> Mapping[str, Blob | Unchanged]:
        """Read the keys of `known` as `Store.read` does, but give `Unchanged` for each that is still at that version.

        The request for such a key moves none of its bytes. None stands for no known version.
        """


@runtime_checkable
class SupportsOutline(Protocol):
    """An optional power of a store: it lists quickly where the details of each entry cost extra.

    Ask `outline_of` for it, not `isinstance`, as with `SupportsRefresh`.
    """

    def outline(self, name: str, without: str, after: str, limit: int) -> Listing:
        """List the keys that `Store.list` lists, but none in the folder `without` (such as ``.versions``; "" is none).

        The entries of keys whose last part is `name` are complete; of the others only the key has to be right, with a
        size and a time of 0 and no version.
        """


@runtime_checkable
class SupportsAsFound(Protocol):
    """An optional power of a store: it reads what other programs named otherwise than keys are named.

    A share that a Mac filled has names in Unicode NFD; others have no-break or wide spaces. Ask `as_found_of` for it,
    not `isinstance`, as with `SupportsRefresh`.
    """

    def as_found(self) -> Store:
        """Return a view of the store whose `list` and `read` know these names too, each as it is spelled there.

        Nothing is written through it, and it is never closed.
        """


def as_found_of(store: Store) -> Store:
    """The store's view `SupportsAsFound.as_found`, if its class has that method; otherwise the store itself."""
    return cast(SupportsAsFound, store).as_found() if issubclass(type(store), SupportsAsFound) else store


def refresh_of(store: Store) -> Refresh | None:
    """The store's method `SupportsRefresh.refresh`, if its class has it; otherwise None."""
    # isinstance would also ask the instance on Python 3.10 and 3.11, and so a wrapper's __getattr__
    return cast(SupportsRefresh, store).refresh if issubclass(type(store), SupportsRefresh) else None


def outline_of(store: Store) -> Outline | None:
    """The store's method `SupportsOutline.outline`, if its class has it; otherwise None."""
    return cast(SupportsOutline, store).outline if issubclass(type(store), SupportsOutline) else None

"""The layer between services and stores: it validates keys, retries, translates errors, and offers compare-and-swap."""

from __future__ import annotations

import contextlib
import errno
import logging
import random
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final, TypeVar

from datasete.errors import (
    Conflict,
    DataseteError,
    InvalidName,
    NotFound,
    StoreDenied,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from datasete.plugin import ABSENT, ANY, Blob, Capabilities, Entry, Listing, Space, Store, When, as_found_of, outline_of

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_KEY_BYTES: Final = 900
FIRST_RETRY_SECONDS: Final = 0.05
LONGEST_RETRY_SECONDS: Final = 2.0
MAX_UPDATE_ATTEMPTS: Final = 200

FULL_ERRNOS: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DENIED_ERRNOS: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
TRANSIENT_ERRNOS: Final = frozenset(
    {errno.EAGAIN, errno.EBUSY, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.EIO, errno.ENETDOWN, errno.ENETUNREACH}
)


class Storage:
    """The storage of one space. Several threads can use it at the same time.

    Args:
        store: the store that a plugin opened for the space.
        space: its name and URL, for messages.
        deadline: how many seconds to keep trying to reach the store.
        clock: returns monotonic seconds.
        sleep: waits for seconds; tests pass a recorder.

    Attributes:
        store: the store itself. Services never use it; tests wrap or replace it.
    """

    def __init__(
        self,
        store: Store,
        space: Space,
        *,
        deadline: float = 20.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self.space = space
        self.store = store
        self._deadline = deadline
        self._clock = clock
        self._closing = threading.Event()
        self._sleep = sleep or self._closing.wait
        self._checked: Callable[[str], str] = validate_key

    @property
    def capabilities(self) -> Capabilities:
        """What the store guarantees. Some stores have to probe for this, once."""
        return self._with_retries(lambda: self.store.capabilities)

    def with_deadline(self, deadline: float = 0.0) -> Storage:
        """The same store with another deadline; with 0 seconds, each call is tried once. Close only the original."""
        other = Storage(self.store, self.space, deadline=deadline, clock=self._clock, sleep=self._sleep)
        other._closing = self._closing
        return other

    def stop_retrying(self) -> None:
        """Try every call once from now on, because the program ends; one that pauses before a retry fails at once."""
        self._closing.set()

    def as_found(self) -> Storage:
        """The same store for reading what other programs put there, whatever Unicode form its names have."""
        with self._translated():
            view = as_found_of(self.store)
        if view is self.store:
            return self
        other = Storage(view, self.space, deadline=self._deadline, clock=self._clock, sleep=self._sleep)
        other._closing, other._checked = self._closing, str
        return other

    def read(self, *keys: str) -> dict[str, Blob]:
        """Read several keys in one call; missing ones are absent from the result."""
        wanted = [self._checked(key) for key in keys]
        return dict(self._with_retries(lambda: self.store.read(wanted)))

    def get(self, key: str) -> Blob | None:
        """Read one key; None if it does not exist."""
        return self.read(key).get(key)

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """Replace one key atomically; return its new version.

        Raises:
            Conflict: `when` did not hold; nothing was written.
            StoreError: the previous content is unharmed, unless the write took place and only its answer was lost.
        """
        checked = validate_key(key)
        if when is not ANY:
            _ = self.capabilities  # where a probe must come first, it is repeated as other calls are
        # A conditional write is not retried. If the first answer was lost, the second would report a conflict with our
        # own write, and only the caller can tell that from another writer's.
        attempt = self._with_retries if when is ANY else self._once
        return attempt(lambda: self.store.write(checked, data, when))

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """Copy one key to another, on the server where the store can do that; return the new version."""
        checked = validate_key(source), validate_key(target)
        return self._with_retries(lambda: self.store.copy(*checked, version))

    def delete(self, *keys: str, versions: Mapping[str, str] | None = None) -> int:
        """Delete keys; return how many existed. A key in `versions` is deleted only at that version."""
        wanted = [validate_key(key) for key in keys]
        return self._with_retries(lambda: self.store.delete(wanted, versions))

    def page(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """List one page, in key order."""
        return self._with_retries(lambda: self.store.list(prefix, after, limit))

    def outline(self, name: str, without: str, page: int = 100_000) -> Iterator[Entry] | None:
        """List every entry outside the folder `without`; those whose file is called `name` have all fields.

        None if the store cannot do this faster than a full listing: then list pages, and skip what is not wanted.
        """
        outline = outline_of(self.store)
        return None if outline is None else self._all_entries(lambda after: outline(name, without, after, page), "")

    def entries(self, prefix: str = "", after: str = "", page: int = 100_000) -> Iterator[Entry]:
        """List every entry that starts with `prefix` and sorts after `after`, in pages of `page` or fewer."""
        return self._all_entries(lambda start: self.store.list(prefix, start, page), after)

    def update(self, key: str, change: Callable[[Blob | None], bytes | None]) -> Blob:
        """Change one key by compare-and-swap: `change` gets the current content and returns the new one.

        `change` is called again with newer content if another writer was faster or if the store's answer was lost. It
        must therefore recognize its own earlier write, for instance by an operation id in the bytes. It returns None to
        leave the content as it is, which must exist then.

        Returns:
            What is stored under the key now.

        Raises:
            Conflict: other writers were faster each time; nothing was changed.
            NotFound: the key is absent, and `change` gave no content.
        """
        until = self._clock() + self._deadline
        for attempt in range(MAX_UPDATE_ATTEMPTS):
            current = self.get(key)
            data = change(current)
            if data is None:
                return _require(key, current)
            try:
                version = self.write(key, data, ABSENT if current is None else current.version)
                return Blob(data, version, time.time())
            except Conflict:
                pass
            except StoreUnavailable:
                if self._clock() > until or self._closing.is_set():
                    raise
            self._sleep(_backoff(min(attempt, 3)))
        raise Conflict(
            f"“{key}” in the space “{self.space.name}” is being changed by others faster than it could be saved.",
            hint="Nothing was changed. Try again.",
        )

    def close(self) -> None:
        """Release the store's connections."""
        self.store.close()

    def _all_entries(self, listed: Callable[[str], Listing], after: str) -> Iterator[Entry]:
        start: str | None = after
        while start is not None:
            listing = self._with_retries(partial(listed, start))
            yield from listing.entries
            start = listing.next

    def _with_retries(self, call: Callable[[], T]) -> T:
        until = self._clock() + self._deadline
        attempt = 0
        while True:
            try:
                return self._once(call)
            except StoreUnavailable:
                pause = _backoff(attempt)
                if self._clock() + pause > until or self._closing.is_set():
                    raise
                logger.warning("The space %s gave no answer; trying again in %.1f s.", self.space.name, pause)
                self._sleep(pause)
                attempt += 1

    def _once(self, call: Callable[[], T]) -> T:
        with self._translated():
            return call()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DataseteError:
            raise
        except OSError as error:
            raise from_os_error(error, self.space) from error
        except Exception as error:
            raise StoreError(
                f"The space “{self.space.name}” failed with {type(error).__name__}.",
                hint="What was stored before is unharmed. The log has the details.",
            ) from error


def validate_key(key: str) -> str:
    """Return `key` if it is a relative POSIX path in NFC that stays inside its space.

    Raises:
        InvalidName: an empty, ``.`` or ``..`` part, a backslash, a control character, a leading or trailing slash, not
            NFC, or longer than 900 bytes.
    """
    parts = key.split("/")
    sound = (
        all(part not in ("", ".", "..") for part in parts)
        and "\\" not in key
        and key.isprintable()
        and unicodedata.is_normalized("NFC", key)
        and len(key.encode("utf-8", "replace")) <= MAX_KEY_BYTES
    )
    if not sound:
        raise InvalidName(f"The key {key[:80]!a} cannot be used.", hint="Nothing was read or written.")
    return key


def _require(key: str, blob: Blob | None) -> Blob:
    if blob is None:
        raise NotFound(f"There is nothing at “{key}”.")
    return blob


def _backoff(attempt: int) -> float:
    longest: float = min(FIRST_RETRY_SECONDS * 2**attempt, LONGEST_RETRY_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter keeps writers from meeting again, no secret


def from_os_error(error: OSError, space: Space) -> StoreError:
    """Translate an error of the operating system for a space."""
    reason = error.strerror or type(error).__name__
    where = f"The space “{space.name}”"
    unharmed = "What was stored before is unharmed."
    if error.errno in FULL_ERRNOS:
        return StoreFull(f"{where} is full: {reason}.", hint=f"{unharmed} Free some room, then try again.")
    if error.errno in DENIED_ERRNOS:
        return StoreDenied(f"{where} refused access: {reason}.", hint=f"{unharmed} Check its permissions.")
    if error.errno in TRANSIENT_ERRNOS or isinstance(error, (ConnectionError, TimeoutError)):
        return StoreUnavailable(f"{where} could not be reached: {reason}.", hint=f"{unharmed} Check that it is there.")
    return StoreError(f"{where} failed: {reason}.", hint=unharmed)

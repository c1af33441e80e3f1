"""One connection to a share, for one thread at a time: every wait is bounded, and every error is one of ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

import smbclient
from smbprotocol.exceptions import SMBAuthenticationError, SMBException, SMBOSError, SMBResponseException

from datasete.plugin import DataseteError, StoreUnavailable
from datasete_fsspec.smb.errors import (
    BUSY,
    DENIED,
    DISCONNECTED,
    EXPIRED,
    MISSING,
    NO_SHARE,
    UNHARMED,
    error_of,
    refused_logon,
)

T = TypeVar("T")

CHUNK_BYTES: Final = 4 << 20
TRANSIENT_SECONDS: Final = {**dict.fromkeys(BUSY, 60.0), DENIED: 0.5}
"""How long each of these statuses is taken to be transient, at most."""

FIRST_PAUSE_SECONDS: Final = 0.005
LONGEST_PAUSE_SECONDS: Final = 0.05


class _ConnectionCache(dict[str, Any]):
    """smbclient's cache of connections. While `pinned`, it refuses a new one: a lock belongs to the old one alone."""

    pinned = False

    def __setitem__(self, key: str, connection: Any) -> None:
        if self.pinned:
            connection.disconnect(close=False)
            raise ConnectionResetError("the connection that held the lock is gone")
        super().__setitem__(key, connection)


class SmbConnection:
    """A connection. An error closes it, and the next call opens another.

    Args:
        where: how messages name the share.
        address: host and port of the server, for messages.
        arguments: how smbclient connects; with secrets.
        timeout: seconds to wait for any one answer.
    """

    def __init__(self, where: str, arguments: Mapping[str, Any], timeout: float, address: str = "") -> None:
        self._where = where
        self._address = address and f" at {address}"
        self._timeout = timeout
        self._cache = _ConnectionCache()
        self._arguments = {**arguments, "connection_timeout": timeout, "connection_cache": self._cache}

    def call(self, action: Callable[..., T], *arguments: object, retry_seconds: float = 5.0, **named: object) -> T:
        """Do one thing; repeat it for `retry_seconds` while another program has the file open, once after a new logon.

        Raises:
            FileNotFoundError: no such file or folder exists.
            FileExistsError: there is one already, or a folder is not empty.
            DataseteError: anything else is wrong.
        """
        began, pause = time.monotonic(), FIRST_PAUSE_SECONDS
        logons = 0
        while True:
            try:
                with self._translated(), self._bounded():
                    return action(*arguments, **self._arguments, **named)
            except _Expired as expired:
                logons += 1
                if logons > 1 or self._cache.pinned:  # a lock ended with its logon
                    raise error_of(self._where, expired.status) from None
                continue
            except _Transient as transient:
                if time.monotonic() - began > min(retry_seconds, TRANSIENT_SECONDS[transient.status]):
                    raise error_of(self._where, transient.status) from None
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def read(self, path: str, is_known: Callable[[Any, int], bool] | None = None) -> tuple[bytes | None, Any]:
        """All bytes of a file, and when it was last written; raises as `call`.

        None instead of the bytes when ``is_known(written, size)`` says that the caller has them.
        """
        with self._opened(path, mode="rb", share_access="rwd") as file:
            if is_known and is_known(file.fd.last_write_time, file.fd.end_of_file):
                return None, file.fd.last_write_time
            data = bytearray()
            while len(data) < file.fd.end_of_file:
                with self._bounded():
                    block = file.read(min(CHUNK_BYTES, file.fd.end_of_file - len(data)))
                if not block:
                    # shorter than its size said: a writer that does not rename has cut it meanwhile
                    raise StoreUnavailable(f"{self._where}: another program is writing a file in place.", hint=UNHARMED)
                data += block
            return bytes(data), file.fd.last_write_time

    def create(self, path: str, data: memoryview) -> None:
        """Write a new file and have the server sync it to its disk; raises as `call`."""
        with self._opened(path, mode="xb", share_access="d") as file:
            while data:
                with self._bounded():
                    data = data[file.write(data[:CHUNK_BYTES]) :]
            with self._bounded():
                file.fd.flush()

    def sync(self, path: str) -> None:
        """Have the server sync a file to its disk; raises as `call`."""
        with self._opened(path, mode="ab", share_access="rwd") as file, self._bounded():
            file.fd.flush()

    @contextmanager
    def held(self, path: str, retry_seconds: float) -> Iterator[None]:
        """Hold a file open exclusively; the server releases it when this connection ends.

        Raises:
            StoreUnavailable: another writer has held it for longer than `retry_seconds`.
        """
        with self._opened(path, retry_seconds, mode="ab", share_access=None):
            # a reconnect within the lock would go on without it: the server freed it with the old connection
            self._cache.pinned = True
            try:
                yield
            finally:
                self._cache.pinned = False

    def close(self) -> None:
        """End the connection in whatever state it is; also from another thread."""
        for connection in list(self._cache.values()):
            with suppress(Exception):
                connection.transport.close()
        self._cache.clear()

    @contextmanager
    def _opened(self, path: str, retry_seconds: float = 5.0, **how: object) -> Iterator[Any]:
        file = self.call(smbclient.open_file, path, retry_seconds=retry_seconds, buffering=0, **how)
        with self._translated(may_log_in=False):
            try:
                yield file
            finally:
                with self._bounded():
                    file.close()

    def _on_a_share(self) -> bool:
        sessions = [session for one in list(self._cache.values()) for session in one.session_table.values()]
        trees = [tree.share_name for session in sessions for tree in session.tree_connect_table.values()]
        return any(not name.upper().endswith("IPC$") for name in trees)

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        # smbclient waits for ever for an answer: only closing the connection from another thread ends that
        watch = threading.Timer(self._timeout, self.close)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    @contextmanager
    def _translated(self, *, may_log_in: bool = True) -> Iterator[None]:
        try:
            yield
        except (_Transient, _Expired, DataseteError, FileNotFoundError, FileExistsError):
            raise
        except (SMBResponseException, SMBOSError) as error:
            status = error.ntstatus if isinstance(error, SMBOSError) else error.status
            if status in DISCONNECTED | EXPIRED:
                self.close()
            if status in EXPIRED and may_log_in:
                raise _Expired(status) from None
            if status in MISSING and not self._on_a_share():
                status = NO_SHARE  # asked for a referral to a share that it does not have, a server says “no such path”
            raise (_Transient(status) if status in TRANSIENT_SECONDS else error_of(self._where, status)) from None
        except SMBAuthenticationError:
            self.close()
            raise refused_logon(self._where) from None
        except (SMBException, OSError, ValueError) as error:
            self.close()
            raise StoreUnavailable(
                f"{self._where} gave no complete answer{self._address} ({type(error).__name__}).",
                hint=f"{UNHARMED} Check the network and the server's name and port; SMB's is 445.",
            ) from None


class _Status(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(hex(status))
        self.status = status


class _Transient(_Status):
    """A status that may change in a moment."""


class _Expired(_Status):
    """The logon is over, and nothing was done."""

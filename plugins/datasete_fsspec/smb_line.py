"""One connection to a share, used by one thread at a time, with a bound on every wait and errors of the family."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

import smbclient
from smbprotocol.exceptions import SMBAuthenticationError, SMBException, SMBOSError, SMBResponseException

from datasete.plugin import DataseteError, StoreUnavailable
from datasete_fsspec.smb_errors import BUSY, DENIED, GONE, MISSING, NO_SHARE, WHOLE, meaning, refused_logon

T = TypeVar("T")

CHUNK: Final = 4 << 20
LONGEST: Final = {**dict.fromkeys(BUSY, 60.0), DENIED: 0.5}
"""Seconds for which a status is taken for a passing one, at most."""

FIRST_PAUSE: Final = 0.005
LONGEST_PAUSE: Final = 0.05


class _Connections(dict[str, Any]):
    """smbclient's cache of connections, which can be told to take no new one: a lock lives on the old one alone."""

    pinned = False

    def __setitem__(self, key: str, connection: Any) -> None:
        if self.pinned:
            connection.disconnect(close=False)
            raise ConnectionResetError("the connection that held the lock is gone")
        super().__setitem__(key, connection)


class Line:
    """A connection. What goes wrong on it closes it, and the next call opens another.

    Args:
        where: what to call the place in messages.
        arguments: how smbclient connects; with secrets.
        timeout: seconds to wait for any one answer.
    """

    def __init__(self, where: str, arguments: Mapping[str, Any], timeout: float) -> None:
        self._where = where
        self._timeout = timeout
        self._connections = _Connections()
        self._arguments = {**arguments, "connection_timeout": timeout, "connection_cache": self._connections}

    def call(self, action: Callable[..., T], *arguments: object, patience: float = 5.0, **named: object) -> T:
        """Do one thing, again for `patience` seconds when somebody else has the file open.

        Raises:
            FileNotFoundError: there is no such file or folder.
            FileExistsError: there is one already, or a folder is not empty.
            DataseteError: whatever else is wrong.
        """
        began, pause = time.monotonic(), FIRST_PAUSE
        while True:
            try:
                with self._translated(), self._bounded():
                    return action(*arguments, **self._arguments, **named)
            except _Passing as passing:
                if time.monotonic() - began > min(patience, LONGEST[passing.status]):
                    raise meaning(self._where, passing.status) from None
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

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
                    block = file.read(min(CHUNK, file.fd.end_of_file - len(data)))
                if not block:
                    raise StoreUnavailable(f"{self._where}: a file is being written in place.", hint=WHOLE)
                data += block
            return bytes(data), file.fd.last_write_time

    def create(self, path: str, data: memoryview) -> None:
        """Write a new file, down to the server's disk; raises as `call`."""
        with self._opened(path, mode="xb", share_access="d") as file:
            while data:
                with self._bounded():
                    data = data[file.write(data[:CHUNK]) :]
            with self._bounded():
                file.fd.flush()

    def sync(self, path: str) -> None:
        """Have the server write a file down to its disk; raises as `call`."""
        with self._opened(path, mode="ab", share_access="rwd") as file, self._bounded():
            file.fd.flush()

    @contextmanager
    def held(self, path: str, patience: float) -> Iterator[None]:
        """Hold a file open for ourselves alone; the server lets go of it when this connection ends.

        Raises:
            StoreUnavailable: somebody else has held it for longer than `patience` seconds.
        """
        with self._opened(path, patience, mode="ab", share_access=None):
            self._connections.pinned = True
            try:
                yield
            finally:
                self._connections.pinned = False

    def close(self) -> None:
        """End the connection, whatever state it is in."""
        for connection in list(self._connections.values()):
            with suppress(Exception):
                connection.transport.close()
        self._connections.clear()

    @contextmanager
    def _opened(self, path: str, patience: float = 5.0, **how: object) -> Iterator[Any]:
        file = self.call(smbclient.open_file, path, patience=patience, buffering=0, **how)
        with self._translated():
            try:
                yield file
            finally:
                with self._bounded():
                    file.close()

    def _on_a_share(self) -> bool:
        sessions = [session for one in list(self._connections.values()) for session in one.session_table.values()]
        trees = [tree.share_name for session in sessions for tree in session.tree_connect_table.values()]
        return any(not name.upper().endswith("IPC$") for name in trees)

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        # closing the connection from another thread is what ends a wait for an answer that never comes
        watch = threading.Timer(self._timeout, self.close)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (_Passing, DataseteError, FileNotFoundError, FileExistsError):
            raise
        except (SMBResponseException, SMBOSError) as error:
            status = error.ntstatus if isinstance(error, SMBOSError) else error.status
            if status in GONE:
                self.close()
            if status in MISSING and not self._on_a_share():
                status = NO_SHARE  # asked for a referral to a share it does not have, a server says “no such path”
            raise (_Passing(status) if status in LONGEST else meaning(self._where, status)) from None
        except SMBAuthenticationError:
            self.close()
            raise refused_logon(self._where) from None
        except (SMBException, OSError, ValueError) as error:
            self.close()
            raise StoreUnavailable(
                f"{self._where} gave no whole answer ({type(error).__name__}).",
                hint=f"{WHOLE} Check the network and the server's name.",
            ) from None


class _Passing(Exception):
    """A status that may be another one in a moment."""

    def __init__(self, status: int) -> None:
        super().__init__(hex(status))
        self.status = status

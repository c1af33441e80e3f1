"""Turns the status codes of an SMB server into our errors, in words for people."""

from __future__ import annotations

from typing import Final

from smbprotocol.header import NtStatus

from datasete.plugin import ConfigError, StoreDenied, StoreError, StoreFull, StoreUnavailable

UNHARMED: Final = "What was stored before is unharmed."

BUSY: Final = frozenset({NtStatus.STATUS_SHARING_VIOLATION, NtStatus.STATUS_DELETE_PENDING})
"""Another program has the file open, usually for a moment."""

DENIED: Final = NtStatus.STATUS_ACCESS_DENIED
"""Not allowed; also, for a moment, the answer for a file that is being deleted or replaced."""

MISSING: Final = frozenset(
    {
        NtStatus.STATUS_OBJECT_NAME_NOT_FOUND,
        NtStatus.STATUS_OBJECT_PATH_NOT_FOUND,
        NtStatus.STATUS_NO_SUCH_FILE,
        NtStatus.STATUS_NOT_FOUND,
        NtStatus.STATUS_FILE_IS_A_DIRECTORY,
        NtStatus.STATUS_NOT_A_DIRECTORY,
    }
)
NO_SHARE: Final = NtStatus.STATUS_BAD_NETWORK_NAME
IN_THE_WAY: Final = frozenset({NtStatus.STATUS_OBJECT_NAME_COLLISION, NtStatus.STATUS_DIRECTORY_NOT_EMPTY})
DISCONNECTED: Final = frozenset(
    {
        NtStatus.STATUS_NETWORK_NAME_DELETED,
        NtStatus.STATUS_USER_SESSION_DELETED,
        NtStatus.STATUS_IO_TIMEOUT,
        NtStatus.STATUS_PIPE_DISCONNECTED,
        NtStatus.STATUS_FILE_CLOSED,
        NtStatus.STATUS_INSUFF_SERVER_RESOURCES,
        NtStatus.STATUS_REQUEST_NOT_ACCEPTED,
        NtStatus.STATUS_SERVER_UNAVAILABLE,
        0xC00000BF,  # network busy
        0xC00000C3,  # invalid network response
        0xC00000C4,  # unexpected network error
        0xC00000D6,  # virtual circuit closed
        0xC000020C,  # connection disconnected
        0xC000020D,  # connection reset
        0xC000023A,  # connection invalid
        0xC0000241,  # connection aborted
        0xC0000467,  # file not available, while a cluster moves
    }
)
EXPIRED: Final = frozenset(
    {
        0xC000035C,  # network session expired
        NtStatus.STATUS_USER_SESSION_DELETED,
        NtStatus.STATUS_NETWORK_NAME_DELETED,
        0xC000005F,  # no such logon session
    }
)
"""The server has ended the logon, often for a Kerberos ticket's age, and did nothing: log in again."""
_LOGON: Final = frozenset(
    {
        NtStatus.STATUS_LOGON_FAILURE,
        NtStatus.STATUS_WRONG_PASSWORD,
        NtStatus.STATUS_PASSWORD_EXPIRED,
        0xC0000064,  # no such user
        0xC0000072,  # account disabled
        0xC0000234,  # account locked out
    }
)


def error_of(where: str, status: int) -> Exception:
    """The error to raise for a status: FileNotFoundError, FileExistsError, or one of the family."""
    if status in MISSING:
        return FileNotFoundError(hex(status))
    if status in IN_THE_WAY:
        return FileExistsError(hex(status))
    if status in BUSY:
        return StoreUnavailable(
            f"{where}: another program keeps a file open.", hint=f"{UNHARMED} Close it there, then try again."
        )
    if status in DISCONNECTED | EXPIRED:
        return StoreUnavailable(f"{where} ended the connection ({status:#x}).", hint=f"{UNHARMED} Try again.")
    return _refusal(where, status)


def _refusal(where: str, status: int) -> StoreError | ConfigError:
    if status in _LOGON:
        return refused_logon(where)
    if status == NO_SHARE:
        return ConfigError(
            f"{where} does not exist on that server.", hint="Nothing was done. Check the share in the URL."
        )
    if status == DENIED:
        return StoreDenied(f"{where} does not allow this to this user.", hint=f"{UNHARMED} Check the permissions.")
    if status == NtStatus.STATUS_DISK_FULL:
        return StoreFull(f"{where} is full.", hint=f"{UNHARMED} Free some room, then try again.")
    return StoreError(f"{where} refused a request ({status:#x}).", hint=f"{UNHARMED} The server's log may say why.")


def refused_logon(where: str) -> StoreDenied:
    """The error for a wrong user or password."""
    return StoreDenied(f"{where} does not accept this user and password.", hint=f"{UNHARMED} Check the options.")

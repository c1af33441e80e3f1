"""The exceptions that Datasete raises on purpose.

::

    DataseteError
    ├── InvalidInput            the input cannot be used               400
    │   ├── InvalidName         a slot, pool or profile name           400
    │   ├── UnreadableImage     bytes that are not a usable picture    422
    │   ├── UnreadableArchive   a damaged packed profile               422
    │   ├── InvalidOption       an option of a command (also a ConfigError)  400
    │   ├── TooLarge            over a configured limit                413
    │   └── UnsupportedType     a body of a type that is not read      415
    ├── Forbidden               a request from another site            403
    ├── NotFound                no such slot, pool, session            404
    ├── Conflict                another writer was first               409
    ├── ConfigError             the configuration cannot be used       400
    └── StoreError              a store failed                         502
        ├── StoreUnavailable    no answer, or none in time             503
        ├── StoreDenied         the store refuses these credentials    502
        │   └── ReadOnlyFolder  a folder of the host's own             403
        ├── StoreFull           no room left                           507
        └── CorruptData         stored bytes are damaged               422

Each has a message that says what happened, and a ``hint`` that says what is unharmed and what to do.
"""

from __future__ import annotations

from typing import ClassVar


class DataseteError(Exception):
    """The base class: ``message`` says what happened, ``hint`` what to do, ``code`` is a stable word for programs."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class InvalidInput(DataseteError, ValueError):
    """Input from a person, a request or a workflow cannot be used."""

    code = "invalid_input"
    status = 400


class InvalidName(InvalidInput):
    """A name that cannot be part of a path."""

    code = "invalid_name"


class UnreadableImage(InvalidInput):
    """Bytes that are not a picture, or a damaged one."""

    code = "unreadable_image"
    status = 422


class UnreadableArchive(InvalidInput):
    """A packed profile that is damaged, or is not what it claims to be."""

    code = "unreadable_archive"
    status = 422


class TooLarge(InvalidInput):
    """Over a limit of bytes, pixels or entries."""

    code = "too_large"
    status = 413


class UnsupportedType(InvalidInput):
    """A request whose body has a type that is not read."""

    code = "unsupported_type"
    status = 415


class Forbidden(DataseteError):
    """A request that a browser made for another site, or to a host name that this server does not use."""

    code = "forbidden"
    status = 403


class NotFound(DataseteError, LookupError):
    """What was asked for does not exist. The store was reached and said so."""

    code = "not_found"
    status = 404


class Conflict(DataseteError):
    """A condition did not hold: another writer was faster, a gate was answered already, a name is taken."""

    code = "conflict"
    status = 409


class ConfigError(DataseteError):
    """The configuration contains something that cannot be used."""

    code = "config"
    status = 400


class InvalidOption(ConfigError, InvalidInput):
    """What an option of a command names cannot be used."""


class StoreError(DataseteError):
    """A store failed."""

    code = "store"
    status = 502


class StoreUnavailable(StoreError):
    """The store did not answer, or not in time. This is the only store error worth a retry."""

    code = "store_unavailable"
    status = 503


class StoreDenied(StoreError):
    """The store refuses the request: credentials, permissions, a read-only share."""

    code = "store_denied"


class ReadOnlyFolder(StoreDenied):
    """A folder of the host's own that this user may not write to."""

    code = "read_only"
    status = 403


class StoreFull(StoreError):
    """The store has no room left, or a quota is used up."""

    code = "store_full"
    status = 507


class CorruptData(StoreError):
    """Stored data is damaged, or is not what it claims to be. It is left as it is."""

    code = "corrupt"
    status = 422

"""Everything Datasete raises on purpose, as one small family.

::

    DataseteError
    ├── InvalidInput            what was given cannot be used          400
    │   ├── InvalidName         a slot, pool or profile name           400
    │   ├── UnreadableImage     bytes that are no usable picture       422
    │   ├── UnreadableArchive   a packed profile that is broken        422
    │   ├── TooLarge            over a configured limit                413
    │   └── UnsupportedType     a body in a form that is not read      415
    ├── Forbidden               another site asks                      403
    ├── NotFound                no such slot, pool, session            404
    ├── Conflict                somebody else was first                409
    ├── ConfigError             the configuration cannot be used       400
    └── StoreError              a store answered with a fault          502
        ├── StoreUnavailable    no answer, or none in time             503
        ├── StoreDenied         the store refuses these credentials    502
        ├── StoreFull           no room left                           507
        └── CorruptData         stored bytes are not what they claim   422

Each carries a sentence a user can act on: what happened, and in ``hint`` what is unharmed and what to do next.
"""

from __future__ import annotations

from typing import ClassVar


class DataseteError(Exception):
    """The root: ``str(error)`` is the sentence, ``hint`` the advice, ``code`` a stable word for programs."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class InvalidInput(DataseteError, ValueError):
    """What a person, a request or a workflow gave cannot be used."""

    code = "invalid_input"
    status = 400


class InvalidName(InvalidInput):
    """A name that may not become part of a path."""

    code = "invalid_name"


class UnreadableImage(InvalidInput):
    """Bytes that are not a picture, or a broken one."""

    code = "unreadable_image"
    status = 422


class UnreadableArchive(InvalidInput):
    """A packed profile that is broken, or is not what it claims to be."""

    code = "unreadable_archive"
    status = 422


class TooLarge(InvalidInput):
    """Over a limit of bytes, pixels or entries."""

    code = "too_large"
    status = 413


class UnsupportedType(InvalidInput):
    """A request whose body is in a form that is not read."""

    code = "unsupported_type"
    status = 415


class Forbidden(DataseteError):
    """A request that a browser made for another site, or under a name this server does not go by."""

    code = "forbidden"
    status = 403


class NotFound(DataseteError, LookupError):
    """The thing named does not exist; the store was reached and said so."""

    code = "not_found"
    status = 404


class Conflict(DataseteError):
    """A condition did not hold: another writer, an answer already given, a name already taken."""

    code = "conflict"
    status = 409


class ConfigError(DataseteError):
    """The configuration names something that cannot be used."""

    code = "config"
    status = 400


class StoreError(DataseteError):
    """A store answered with a fault."""

    code = "store"
    status = 502


class StoreUnavailable(StoreError):
    """The store gave no answer, or none in time. The only fault worth trying again."""

    code = "store_unavailable"
    status = 503


class StoreDenied(StoreError):
    """The store refuses what was asked: credentials, permissions, a read-only share."""

    code = "store_denied"


class StoreFull(StoreError):
    """No room left, or over a quota."""

    code = "store_full"
    status = 507


class CorruptData(StoreError):
    """What is stored is not what it claims to be. It is left as it is."""

    code = "corrupt"
    status = 422

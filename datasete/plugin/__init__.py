"""Everything that a plugin author imports. Names that are not listed here may change without notice.

A plugin is a module or an object with functions marked `hookimpl`; `datasete.plugin.hookspecs` describes every hook::

    from datasete.plugin import Space, Store, hookimpl

    @hookimpl
    def datasete_open_store(space: Space) -> Store | None:
        return MyStore(space.url) if space.scheme == "my" else None

A store plugin returns an object that behaves like `Store`. docs/plugins.md walks through whole plugins, and
`datasete.testing` has the suites that test them.
"""

from __future__ import annotations

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
from datasete.plugin.api import BatchProgress, Gate, QueueJob, Ticket, hookimpl
from datasete.plugin.policies import Decision, PolicyChoice
from datasete.plugin.profiles import (
    PackingLimits,
    PackingSummary,
    ProfileFormat,
    ProfileItem,
    ProfileSink,
    ProfileSource,
    ProfileTarget,
)
from datasete.plugin.stores import (
    ABSENT,
    ANY,
    Blob,
    Capabilities,
    Entry,
    Listing,
    Outline,
    Refresh,
    Space,
    Store,
    SupportsOutline,
    SupportsRefresh,
    Unchanged,
    When,
    outline_of,
    refresh_of,
)

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
    "Outline",
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
    "SupportsOutline",
    "SupportsRefresh",
    "Ticket",
    "TooLarge",
    "Unchanged",
    "UnreadableArchive",
    "When",
    "hookimpl",
    "outline_of",
    "refresh_of",
]

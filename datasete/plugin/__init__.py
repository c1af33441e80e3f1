"""The public interface for plugins: everything that a plugin imports. Any other name may change without notice.

A plugin is a module, or an object, with functions marked `hookimpl`. Each has the name of a hook, and names as many of
the hook's arguments as it needs. This one logs how gates are answered::

    import logging

    from datasete.plugin import Gate, hookimpl

    @hookimpl
    def datasete_gate_answered(gate: Gate, route: int | None) -> None:
        logging.getLogger(__name__).info("gate %s: route %s", gate.node_id, route)

Save it as ``observer.py`` where Python finds it, write ``load = ["observer"]`` under ``[plugins]`` in
``datasete.toml``, and ``datasete plugins`` lists it. A plugin can

==================================  ================================================================================
open a store                        `datasete_open_store`; return an object with the methods of `Store`, and raise
                                    `StoreUnavailable`, `Conflict` and their relatives
wrap a store                        the same hook with ``@hookimpl(wrapper=True)``
observe gates, slots and batches    `datasete_gate_opened`, `datasete_gate_answered`, `datasete_slot_published`,
                                    `datasete_batch_advanced`, `datasete_batch_finished`
answer gates                        `datasete_gate_policy`; return a `Decision`
queue the next run of a batch       `datasete_queue_trigger`; return a `Ticket`
export and import profiles          `datasete_profile_formats`, `datasete_profile_pack`, `datasete_profile_unpack`;
                                    `paired` finds captions and masks, and `read_caption` reads them
==================================  ================================================================================

`datasete.plugin.hookspecs` describes every hook with its types, units and errors. docs/plugins.md has a complete plugin
of each kind to copy, and `datasete.testing` the suites that test yours.
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
    SupportsAsFound,
    SupportsOutline,
    SupportsRefresh,
    Unchanged,
    When,
    as_found_of,
    outline_of,
    refresh_of,
)
from datasete.sidecars.kinds import is_litter
from datasete.sidecars.pairing import Paired, paired
from datasete.sidecars.text import read_caption

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
    "Paired",
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
    "SupportsAsFound",
    "SupportsOutline",
    "SupportsRefresh",
    "Ticket",
    "TooLarge",
    "Unchanged",
    "UnreadableArchive",
    "When",
    "as_found_of",
    "hookimpl",
    "is_litter",
    "outline_of",
    "paired",
    "read_caption",
    "refresh_of",
]

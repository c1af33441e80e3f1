"""Every hook, with types, units and errors: the one page a plugin author reads.

Implement any of them in a module or object, mark each with `datasete.plugin.hookimpl`, and name only the arguments you
use. Hooks may be called from several threads at once. The bundled plugins are asked last, so what you accept is yours.

A ``@hookimpl(wrapper=True)`` works for every hook. For those about gates, slots and batches, and for
`datasete_profile_formats`, each plugin is called on its own, and the wrapper runs around each of these calls; for the
others it runs once, around all plugins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import pluggy

from datasete.plugin import (
    BatchProgress,
    Decision,
    Gate,
    PackingSummary,
    PolicyChoice,
    ProfileFormat,
    ProfileSink,
    ProfileSource,
    ProfileTarget,
    QueueJob,
    Space,
    Store,
    Ticket,
)
from datasete.plugin.api import PROJECT

hookspec = pluggy.HookspecMarker(PROJECT)


@hookspec(firstresult=True)
def datasete_open_store(space: Space) -> Store | None:
    """Called once for each space, on its first use: return its store, or None to decline its URL.

    The first answer wins. A ``@hookimpl(wrapper=True)`` implementation may put the store that it was yielded inside one
    of its own: that is how to add caching, encryption, mirroring or metrics.

    Args:
        space: name, URL and options of the space. The options may hold secrets.

    Raises:
        ConfigError: the URL is yours but cannot be used; say why and what to write instead.
        StoreError: the store cannot be reached or refuses the credentials.
    """


@hookspec
def datasete_schemes() -> Sequence[str]:  # type: ignore[empty-body]
    """Called when a space is opened: return the URL schemes that your `datasete_open_store` opens.

    Spaces may name the schemes of all active plugins. An administrator may allow fewer (`storage.schemes`) or more
    (`storage.more_schemes`). If you return none, yours have to be allowed there.
    """


@hookspec
def datasete_gate_opened(gate: Gate) -> None:
    """Called after a gate has opened, while it waits for a person.

    An observer: called on a background thread, one plugin after the other. What you raise is logged under your plugin's
    name, and a slow observer delays no gate. When a thousand notices wait, further ones are dropped and counted.
    """


@hookspec
def datasete_gate_answered(gate: Gate, route: int | None, decision: Decision | None) -> None:
    """Called after a gate was answered: `route` is 1-based, None when the run was cancelled at the gate.

    `decision` is the answer of a policy, None when a person answered. An observer, like `datasete_gate_opened`.
    """


@hookspec(firstresult=True)
def datasete_gate_policy(gate: Gate, policy: PolicyChoice) -> Decision | None:
    """Called once when a gate opens: decide where it goes if no person is faster, or return None to decline.

    The first answer wins; ``Decision(None)`` leaves the gate to a person. You are called on a background thread, for
    several gates at once if need be; the gate is shown meanwhile, so take the time that you need. The node shows a
    countdown of `Decision.after_s` seconds, which begins when the gate is shown and you have answered; a person may
    answer earlier, or hold it.

    Args:
        gate: the gate that opens.
        policy: the policy that the configuration names, with its settings. Decline when `policy.name` is not yours,
            unless you are meant to answer every gate.

    Raises:
        ConfigError: the settings cannot be used. This and any other error is logged under your plugin's name, and the
            gate waits for a person; so it does when you choose a route that it does not have.
    """


@hookspec
def datasete_slot_published(slot: str, version: str) -> None:
    """Called after a picture was committed to a bus slot; `version` is the publish's own token.

    An observer, like `datasete_gate_opened`.
    """


@hookspec(firstresult=True)
def datasete_queue_trigger(job: QueueJob) -> Ticket | None:
    """Called when a batch wants its next run: have it queued once and return a ticket, or None to decline.

    The first answer wins. When all decline, the batch goes on with the next run that is queued. Called on the host's
    worker thread, between two runs: return within a few seconds.

    Args:
        job: the prompt of the last run, and ways to queue it again.

    Raises:
        DataseteError: the run could not be queued; the batch stops, keeps its position and shows your sentence.
    """


@hookspec
def datasete_batch_advanced(batch: BatchProgress) -> None:
    """Called after a run of a batch has ended and its outcome has been recorded.

    An observer, like `datasete_gate_opened`.
    """


@hookspec
def datasete_batch_finished(batch: BatchProgress) -> None:
    """Called after the last file of a batch is done or skipped.

    An observer, like `datasete_gate_opened`.
    """


@hookspec
def datasete_profile_formats() -> list[ProfileFormat]:  # type: ignore[empty-body]
    """Called when your plugin is loaded, and whenever a menu lists the formats for the export and import of profiles.

    All answers are collected. An id belongs to one plugin: one that lists the id of another is left out when it is
    loaded. To replace a bundled format, block its plugin in the configuration.
    """


@hookspec(firstresult=True)
def datasete_profile_pack(format: str, profile: ProfileSource, sink: ProfileSink) -> PackingSummary | None:  # noqa: A002
    """Called when a profile is exported: write all of it to `sink`, or return None to decline the format.

    The first answer wins. Iterate over the items once and read each before the next, so that memory does not grow with
    the profile. What was written before an error is discarded.

    Args:
        format: a `ProfileFormat`'s id.
        profile: the pool with its name.
        sink: takes bytes from front to back.

    Raises:
        DataseteError: what `profile` or `sink` raise; let it pass.
    """


@hookspec(firstresult=True)
def datasete_profile_unpack(format: str, source: BinaryIO, target: ProfileTarget) -> PackingSummary | None:  # noqa: A002
    """Called when a profile is imported: add each item to `target`, or return None to decline.

    The first answer wins. Nothing is kept unless you return: what was added before an error is removed. The file may
    come from anyone: trust none of its names, sizes and counts, and keep to the target's limits.

    Args:
        format: a `ProfileFormat`'s id, or "" to detect it: to decline, leave `source` at the position where it was.
        source: a binary, seekable file.
        target: receives the profile.

    Raises:
        UnreadableArchive: it is in your format but damaged.
        TooLarge: it is over `target.limits`.
        DataseteError: what `target` raises; let it pass.
    """

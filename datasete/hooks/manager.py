"""The hooks as typed methods, over the plugins that were loaded."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, BinaryIO, Final, NoReturn, cast

import pluggy

from datasete.config import PluginSettings
from datasete.errors import ConfigError, DataseteError, InvalidInput
from datasete.hooks.calling import call_each, call_first, translated
from datasete.hooks.decisions import first_decision
from datasete.hooks.formats import list_formats
from datasete.hooks.loading import BUNDLED, PluginInfo, load_plugins
from datasete.hooks.observers import Observers
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
    hookspecs,
)
from datasete.plugin.api import PROJECT

__all__ = ["BUNDLED", "Hooks", "PluginInfo", "build_hooks"]

logger = logging.getLogger(__name__)

ENGINES: Final = {"s3": "botocore", "smb": "smbprotocol"}
"""The package behind each URL scheme whose engine is optional; the same one in a clone as in a wheel."""


class Hooks:
    """The hooks as typed methods. What a plugin raises becomes a `DataseteError`, or is only logged."""

    def __init__(self, manager: pluggy.PluginManager, plugins: Iterable[PluginInfo]) -> None:
        self.plugins = tuple(plugins)
        self._call_first = partial(call_first, manager)
        self._call_each = partial(call_each, manager)
        self._list_formats = partial(list_formats, manager)
        self._observers = Observers()

    def open_store(self, space: Space) -> Store:
        """The store behind `space`.

        Raises:
            ConfigError: no plugin accepts its URL, or the one that does says why it cannot be used.
            StoreError: it cannot be reached, or a plugin failed.
        """
        with translated(f"The space “{space.name}” could not be opened"):
            try:
                store: Store | None = self._call_first("datasete_open_store", space=space)
            except ImportError as error:
                raise ConfigError(_missing_engine(space, error), hint=_install(space)) from error
        if store is None:
            raise ConfigError(
                f"No plugin stores anything at {space.scheme}://, which the space “{space.name}” is configured to use.",
                hint="`datasete plugins` lists what is active.",
            )
        return store

    def schemes(self) -> tuple[str, ...]:
        """The URL schemes that the plugins open, sorted. A plugin that fails is logged, and brings none."""
        found: set[str] = set()
        for plugin, call in self._call_each("datasete_schemes"):
            try:
                found.update(str(scheme).lower() for scheme in cast("Sequence[str] | None", call()) or ())
            except Exception:
                logger.exception("The plugin %s could not say which URL schemes it opens.", plugin)
        return tuple(sorted(found))

    def gate_opened(self, gate: Gate) -> None:
        """Tell observers that a gate waits."""
        self._notify("datasete_gate_opened", gate=gate)

    def gate_answered(self, gate: Gate, route: int | None, decision: Decision | None = None) -> None:
        """Tell observers how a gate was answered; `decision` is the policy's that answered it."""
        self._notify("datasete_gate_answered", gate=gate, route=route, decision=decision)

    def gate_policy(self, gate: Gate, policy: PolicyChoice) -> Decision | None:
        """What a policy decides about a gate; None leaves it to a person. Never raises; may take its time."""
        return first_decision(self._call_each("datasete_gate_policy", gate=gate, policy=policy), gate)

    def slot_published(self, slot: str, version: str) -> None:
        """Tell observers that a slot has new content."""
        self._notify("datasete_slot_published", slot=slot, version=version)

    def queue_trigger(self, job: QueueJob) -> Ticket | None:
        """Have one more run queued; None when every plugin declines.

        Raises:
            DataseteError: it could not be queued, or a plugin failed.
        """
        hint = "The batch keeps its place. The log has the details; press Queue to go on."
        # an OSError is translated, too: the batch that catches our family has no space to blame
        with translated("The next run could not be queued", hint, passing=(DataseteError,)):
            ticket: Ticket | None = self._call_first("datasete_queue_trigger", job=job)
        return ticket

    def batch_advanced(self, batch: BatchProgress) -> None:
        """Tell observers that a run of a batch has ended."""
        self._notify("datasete_batch_advanced", batch=batch)

    def batch_finished(self, batch: BatchProgress) -> None:
        """Tell observers that a batch is finished."""
        self._notify("datasete_batch_finished", batch=batch)

    def profile_formats(self) -> dict[str, ProfileFormat]:
        """All formats by id, the bundled ones first.

        Raises:
            ConfigError: two plugins list a format with the same id.
            StoreError: a plugin failed.
        """
        return self._list_formats()

    def profile_pack(self, format_id: str, profile: ProfileSource, sink: ProfileSink) -> PackingSummary:
        """Write a profile in one of the formats.

        Raises:
            InvalidInput: no plugin writes this format.
            DataseteError: reading or writing failed.
        """
        with translated("The export failed"):
            summary: PackingSummary | None = self._call_first(
                "datasete_profile_pack", format=format_id, profile=profile, sink=sink
            )
        return summary or _no_plugin(format_id)

    def profile_unpack(self, format_id: str, source: BinaryIO, target: ProfileTarget) -> PackingSummary:
        """Read a profile in one of the formats, "" to detect which.

        Raises:
            InvalidInput: no plugin reads this format, or the file is broken.
            DataseteError: reading or storing failed.
        """
        with translated("The import failed"):
            summary: PackingSummary | None = self._call_first(
                "datasete_profile_unpack", format=format_id, source=source, target=target
            )
        return summary or _no_plugin(format_id)

    def drain(self) -> None:
        """Wait until observers have received everything."""
        self._observers.drain()

    def close(self) -> None:
        """Deliver the last notices."""
        self._observers.close()

    def _notify(self, hook: str, **arguments: object) -> None:
        for plugin, call in self._call_each(hook, **arguments):
            self._observers.tell(plugin, call)


def build_hooks(settings: PluginSettings, extra: Mapping[str, object] | None = None) -> Hooks:
    """Load every plugin that `settings` want, each guarded separately; `extra` are objects to register by name."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    if settings.trace:
        _trace(manager)
    return Hooks(manager, load_plugins(manager, settings, extra or {}))


def _trace(manager: pluggy.PluginManager) -> None:
    # ComfyUI shows what is logged; on a command line nothing would, although a trace was asked for
    logging.basicConfig(format="%(message)s")
    logger.setLevel(logging.INFO)

    def before(hook: str, methods: Sequence[pluggy.HookImpl], arguments: Mapping[str, Any]) -> None:
        shown = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        logger.info("hook %s(%s) of %s", hook, shown, ", ".join(each.plugin_name for each in reversed(methods)))

    def after(
        outcome: pluggy.Result[object], hook: str, methods: Sequence[pluggy.HookImpl], arguments: Mapping[str, Any]
    ) -> None:
        del methods, arguments
        logger.info("hook %s -> %r", hook, outcome.exception or outcome.get_result())

    manager.add_hookcall_monitoring(before, after)


def _no_plugin(format_id: str) -> NoReturn:
    known = f"of the format “{format_id[:80]}”" if format_id else "of this kind"
    raise InvalidInput(f"No plugin handles profiles {known}.", hint="`datasete plugins` lists what is active.")


def _missing_engine(space: Space, error: ImportError) -> str:
    # fsspec raises an error of its own from the one that names the module
    module = error.name or getattr(error.__cause__, "name", None) or "its engine"
    return f"The space “{space.name}” is at {space.scheme}://, and {module} is not installed."


def _install(space: Space) -> str:
    engine = ENGINES.get(space.scheme)
    return f"Install it: pip install {engine}" if engine else "Install the package that speaks this protocol."

"""The plugin manager: calls the hooks of what was loaded through typed methods.

The only module that touches pluggy's hook object.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO, Final, NoReturn

import pluggy

from datasete.config import PluginSettings
from datasete.errors import ConfigError, DataseteError, InvalidInput, StoreError
from datasete.hooks.decisions import first_decision
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
"""URL schemes whose engines are optional, and the package of each: its name is right in a clone as in a wheel."""


class Hooks:
    """The hooks as typed methods."""

    def __init__(self, manager: pluggy.PluginManager, plugins: Iterable[PluginInfo], *, trace: bool = False) -> None:
        self.plugins = tuple(plugins)
        self._manager = manager
        self._trace = trace
        self._observers = Observers()

    def open_store(self, space: Space) -> Store:
        """The store behind `space`.

        Raises:
            ConfigError: no plugin accepts its URL, or the one that does says why it cannot be used.
            StoreError: it cannot be reached, or a plugin failed.
        """
        try:
            store: Store | None = self._manager.hook.datasete_open_store(space=space)
        except (DataseteError, OSError):
            raise
        except ImportError as error:
            raise ConfigError(_missing_engine(space, error), hint=_install(space)) from error
        except Exception as error:
            logger.exception("A plugin failed to open the space %s.", space.name)
            raise StoreError(
                f"The space “{space.name}” could not be opened: a plugin failed with {type(error).__name__}.",
                hint="Nothing was changed. The log has the details.",
            ) from error
        if store is None:
            raise ConfigError(
                f"No plugin stores anything at {space.scheme}://, which the space “{space.name}” is configured to use.",
                hint="`datasete plugins` lists what is active.",
            )
        return store

    def gate_opened(self, gate: Gate) -> None:
        """Tell observers that a gate waits."""
        self._notify("datasete_gate_opened", {"gate": gate})

    def gate_answered(self, gate: Gate, route: int | None, decision: Decision | None = None) -> None:
        """Tell observers how a gate was answered; `decision` is the policy's that did it."""
        self._notify("datasete_gate_answered", {"gate": gate, "route": route, "decision": decision})

    def gate_policy(self, gate: Gate, policy: PolicyChoice) -> Decision | None:
        """What a policy decides about a gate; None leaves it to a person. Never raises; may take its time."""
        return first_decision(self._calls("datasete_gate_policy", {"gate": gate, "policy": policy}), gate)

    def slot_published(self, slot: str, version: str) -> None:
        """Tell observers that a slot has new content."""
        self._notify("datasete_slot_published", {"slot": slot, "version": version})

    def queue_trigger(self, job: QueueJob) -> Ticket | None:
        """Have one more run queued; None when every plugin declines.

        Raises:
            DataseteError: it could not be queued, or a plugin failed.
        """
        try:
            ticket: Ticket | None = self._manager.hook.datasete_queue_trigger(job=job)
        except DataseteError:
            raise
        except Exception as error:
            logger.exception("A plugin failed to trigger the next run of a batch.")
            raise StoreError(
                f"The next run could not be queued: a plugin failed with {type(error).__name__}.",
                hint="The batch keeps its place. The log has the details; press Queue to go on.",
            ) from error
        return ticket

    def batch_advanced(self, batch: BatchProgress) -> None:
        """Tell observers that a run of a batch has ended."""
        self._notify("datasete_batch_advanced", {"batch": batch})

    def batch_finished(self, batch: BatchProgress) -> None:
        """Tell observers that a batch is finished."""
        self._notify("datasete_batch_finished", {"batch": batch})

    def profile_formats(self) -> dict[str, ProfileFormat]:
        """All formats by id, the bundled ones first."""
        answers = self._manager.hook.datasete_profile_formats()
        return {each.id: each for formats in reversed(answers) for each in formats}

    def profile_pack(self, format_id: str, profile: ProfileSource, sink: ProfileSink) -> PackingSummary:
        """Write a profile in one of the formats.

        Raises:
            InvalidInput: no plugin writes this format.
            DataseteError: reading or writing failed.
        """
        with _guarded("export"):
            summary: PackingSummary | None = self._manager.hook.datasete_profile_pack(
                format=format_id, profile=profile, sink=sink
            )
        return summary or _no_plugin(format_id)

    def profile_unpack(self, format_id: str, source: BinaryIO, target: ProfileTarget) -> PackingSummary:
        """Read a profile in one of the formats, "" for whichever it is.

        Raises:
            InvalidInput: no plugin reads this format, or the file is broken.
            DataseteError: reading or storing failed.
        """
        with _guarded("import"):
            summary: PackingSummary | None = self._manager.hook.datasete_profile_unpack(
                format=format_id, source=source, target=target
            )
        return summary or _no_plugin(format_id)

    def drain(self) -> None:
        """Wait until observers have heard everything."""
        self._observers.drain()

    def close(self) -> None:
        """Deliver the last notices."""
        self._observers.close()

    def _notify(self, hook: str, arguments: Mapping[str, object]) -> None:
        for plugin, call in self._calls(hook, arguments):
            self._observers.tell(plugin, call)

    def _calls(self, hook: str, arguments: Mapping[str, object]) -> Iterator[tuple[str, Callable[[], object]]]:
        """The calls of a hook's implementations one by one, each with its plugin's name, so that faults have one."""
        for implementation in reversed(getattr(self._manager.hook, hook).get_hookimpls()):
            named = {name: arguments[name] for name in implementation.argnames if name in arguments}
            if self._trace:
                logger.info("hook %s of %s(%s)", hook, implementation.plugin_name, named)
            yield implementation.plugin_name, partial(implementation.function, **named)


def build_hooks(settings: PluginSettings, extra: Mapping[str, object] | None = None) -> Hooks:
    """Load every plugin that `settings` want, each in a guard of its own; `extra` are objects to register by name."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    if settings.trace:
        _trace(manager)
    return Hooks(manager, load_plugins(manager, settings, extra or {}), trace=settings.trace)


def _trace(manager: pluggy.PluginManager) -> None:
    # ComfyUI shows what is logged; on a command line nobody has seen to it, and a trace was asked for
    logging.basicConfig(format="%(message)s")
    logger.setLevel(logging.INFO)

    def before(hook: str, methods: object, arguments: Mapping[str, object]) -> None:
        del methods
        logger.info("hook %s(%s)", hook, ", ".join(f"{name}={value!r}" for name, value in arguments.items()))

    def after(outcome: pluggy.Result[object], hook: str, methods: object, arguments: Mapping[str, object]) -> None:
        del methods, arguments
        logger.info("hook %s -> %r", hook, outcome.exception or outcome.get_result())

    manager.add_hookcall_monitoring(before, after)


@contextmanager
def _guarded(what: str) -> Iterator[None]:
    try:
        yield
    except (DataseteError, OSError):
        raise
    except Exception as error:
        logger.exception("A plugin failed to %s a profile.", what)
        raise StoreError(
            f"The {what} failed: a plugin failed with {type(error).__name__}.",
            hint="Nothing was changed. The log has the details.",
        ) from error


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

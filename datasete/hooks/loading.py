"""Loading plugins, each in a guard of its own: what a stranger's module does wrong leaves out that plugin alone."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import pluggy

from datasete.config import PluginSettings
from datasete.plugin.api import PROJECT

logger = logging.getLogger(__name__)

ENTRY_POINT_GROUP: Final = PROJECT

BUNDLED: Final = ("datasete_cache", "datasete_fsspec", "datasete_policies", "datasete_queue", "datasete_zip")
"""Dotted names of the plugins that come with us. Not entry points, so that nothing registers twice."""

UNWRAPPED: Final = ("datasete_gate_", "datasete_slot_", "datasete_batch_")
"""How the names of hooks begin whose implementations are called one by one, where a wrapper would never run."""

LONGEST_FAULT: Final = 200


@dataclass(frozen=True)
class PluginInfo:
    """One plugin for a person to read: where it came from, which hooks it fills, and why it is off, if it is."""

    name: str
    origin: str
    hooks: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class _Candidate:
    """A plugin before it is loaded."""

    name: str
    origin: str
    load: Callable[[], object]


def load_plugins(
    manager: pluggy.PluginManager, settings: PluginSettings, extra: Mapping[str, object]
) -> list[PluginInfo]:
    """Register the bundled plugins, then entry points, then configured modules; `extra` are objects by name.

    A plugin that fails to import, misspells a hook or clashes with another is left out with one log line; it never
    takes the host down.
    """
    candidates = [candidate for candidate in _candidates(settings, extra) if _wanted(candidate.name, settings)]
    return [_register(manager, candidate) for candidate in candidates]


def _candidates(settings: PluginSettings, extra: Mapping[str, object]) -> list[_Candidate]:
    bundled = [_Candidate(name, "bundled", partial(importlib.import_module, name)) for name in BUNDLED]
    installed = [_from_entry_point(point) for point in entry_points(group=ENTRY_POINT_GROUP)]
    configured = [_Candidate(name, "configuration", partial(importlib.import_module, name)) for name in settings.load]
    given = [_Candidate(name, "program", partial(extra.__getitem__, name)) for name in extra]
    return bundled + installed + configured + given


def _from_entry_point(point: EntryPoint) -> _Candidate:
    origin = f"{point.dist.name} {point.dist.version}" if point.dist else "entry point"
    return _Candidate(point.name, origin, point.load)


def _wanted(name: str, settings: PluginSettings) -> bool:
    return name not in settings.block and (not settings.only or name in settings.only)


def _register(manager: pluggy.PluginManager, candidate: _Candidate) -> PluginInfo:
    try:
        plugin = candidate.load()
        manager.register(plugin, name=candidate.name)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's module raises must not take the host down
        return _left_out(manager, candidate, _told(error))
    callers = manager.get_hookcallers(plugin) or []
    unknown = [caller.name for caller in callers if not caller.has_spec()]
    if unknown:
        return _left_out(manager, candidate, f"there is no hook named {', '.join(sorted(unknown))}")
    wrapped = [caller.name for caller in callers if caller.name.startswith(UNWRAPPED) and _wraps(plugin, caller)]
    if wrapped:
        return _left_out(manager, candidate, f"{', '.join(sorted(wrapped))} cannot be wrapped")
    return PluginInfo(candidate.name, candidate.origin, tuple(sorted(caller.name for caller in callers)))


def _told(error: Exception) -> str:
    """An error in a line; pluggy's can go on for pages."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) <= LONGEST_FAULT else f"{text[:LONGEST_FAULT]}…"


def _wraps(plugin: object, caller: pluggy.HookCaller) -> bool:
    return any(each.plugin is plugin and (each.wrapper or each.hookwrapper) for each in caller.get_hookimpls())


def _left_out(manager: pluggy.PluginManager, candidate: _Candidate, fault: str) -> PluginInfo:
    # pluggy keeps a plugin whose registration failed half-way
    registered = manager.get_plugin(candidate.name)
    if registered is not None and "already registered" not in fault:
        manager.unregister(registered)
    logger.error("Plugin %s (%s) is left out: %s", candidate.name, candidate.origin, fault)
    return PluginInfo(candidate.name, candidate.origin, fault=fault)

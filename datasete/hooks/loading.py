"""Loads plugins, each in a guard of its own: a faulty plugin is left out, and the others are loaded."""

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
from datasete.errors import ConfigError, DataseteError
from datasete.hooks.formats import HOOK as FORMATS_HOOK
from datasete.hooks.formats import list_formats
from datasete.plugin.api import PROJECT

logger = logging.getLogger(__name__)

ENTRY_POINT_GROUP: Final = PROJECT

BUNDLED: Final = ("datasete_cache", "datasete_fsspec", "datasete_policies", "datasete_queue", "datasete_zip")
"""Dotted names of the plugins that come with us. Not entry points, so that nothing registers twice."""

FAULT_CHARACTERS: Final = 200


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

    A plugin that fails to import, misspells a hook, or takes the name or a format's id of another is left out with one
    log line; it never takes the host down.
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
    name_is_free = not manager.has_plugin(candidate.name)
    try:
        plugin = candidate.load()
        hash(plugin)  # pluggy keeps plugins in sets: here it costs one plugin, in a call of a hook all of them
        manager.register(plugin, name=candidate.name)
        callers = manager.get_hookcallers(plugin) or []
        _check_hooks(callers)
        if any(caller.name == FORMATS_HOOK for caller in callers):
            list_formats(manager)  # a clash of ids leaves out the later plugin, as a clash of names does
    except Exception as error:  # noqa: BLE001 - whatever a stranger's module raises must not take the host down
        # pluggy keeps a plugin whose registration failed half-way; one that had the name before stays
        if name_is_free and manager.has_plugin(candidate.name):
            manager.unregister(name=candidate.name)
        fault = _in_one_line(error)
        logger.error("Plugin %s (%s) is left out: %s", candidate.name, candidate.origin, fault)  # noqa: TRY400 - no trace of a stranger's
        return PluginInfo(candidate.name, candidate.origin, fault=fault)
    return PluginInfo(candidate.name, candidate.origin, tuple(sorted(caller.name for caller in callers)))


def _check_hooks(callers: list[pluggy.HookCaller]) -> None:
    unknown = [caller.name for caller in callers if not caller.has_spec()]
    if unknown:
        raise ConfigError(f"no hook is named {', '.join(sorted(unknown))}")


def _in_one_line(error: Exception) -> str:
    """An error in a line; pluggy's can go on for pages. Ours speak for themselves, without the name of a class."""
    shown = str(error) if isinstance(error, DataseteError) else f"{type(error).__name__}: {error}"
    text = " ".join(shown.split())
    return text if len(text) <= FAULT_CHARACTERS else f"{text[:FAULT_CHARACTERS]}…"

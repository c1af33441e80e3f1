"""The formats of profiles that plugins list, each id by one plugin alone."""

from __future__ import annotations

import pluggy

from datasete.errors import ConfigError
from datasete.hooks.calling import call_each, translated
from datasete.plugin import ProfileFormat

HOOK = "datasete_profile_formats"


def list_formats(manager: pluggy.PluginManager) -> dict[str, ProfileFormat]:
    """All formats by id, those of the plugins that were loaded first at the front.

    Raises:
        ConfigError: two plugins list a format with the same id.
        StoreError: a plugin failed.
    """
    formats: dict[str, ProfileFormat] = {}
    owners: dict[str, str] = {}
    # pluggy calls the plugin that was loaded last first
    for plugin, call in reversed([*call_each(manager, HOOK)]):
        with translated("The formats of profiles could not be listed"):
            for each in call() or ():  # type: ignore[attr-defined]
                if each.id in owners:
                    raise _clash(each.id, owners[each.id], plugin)
                formats[each.id], owners[each.id] = each, plugin
    return formats


def _clash(format_id: str, first: str, second: str) -> ConfigError:
    # menus and URLs name a format by its id alone, so neither of the two could be chosen
    return ConfigError(
        f"The plugins {first} and {second} both list the profile format “{format_id}”.",
        hint="No profile was read or written. Block one of them with plugins.block.",
    )

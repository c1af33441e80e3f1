"""Loads a plugin as Datasete does in ComfyUI: with its own manager, beside the bundled plugins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

import pytest

from datasete.config import PluginSettings
from datasete.hooks.manager import BUNDLED, Hooks, PluginInfo, build_hooks

NAME: Final = "under test"
"""The name under which the plugin is registered."""


class LoadedPlugin:
    """The base of suites whose checks call hooks.

    Attributes:
        plugin: the plugin's module or object; None for a bundled one.
    """

    plugin: ClassVar[Any] = None

    @pytest.fixture
    def hooks(self) -> Iterator[Hooks]:
        """The hooks of the bundled plugins and this one."""
        # nothing else that is installed: it may be this very plugin, and one plugin is not registered twice
        settings = PluginSettings(only=(*BUNDLED, NAME))
        hooks = build_hooks(settings, None if self.plugin is None else {NAME: self.plugin})
        yield hooks
        hooks.close()

    def loaded(self, hooks: Hooks, bundled: str) -> PluginInfo:
        """How the plugin was loaded; without one, the bundled plugin named `bundled`."""
        return next(each for each in hooks.plugins if each.name == (bundled if self.plugin is None else NAME))

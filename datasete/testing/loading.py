"""Loads a plugin as ComfyUI has it: through Datasete's own manager, beside the bundled ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

import pytest

from datasete.config import PluginSettings
from datasete.hooks.manager import BUNDLED, Hooks, PluginInfo, build_hooks

NAME: Final = "under test"
"""What the plugin is registered as."""


class LoadedPlugin:
    """What suites share whose checks call hooks.

    Attributes:
        plugin: the plugin's module or object; None for a bundled one.
    """

    plugin: ClassVar[Any] = None

    @pytest.fixture
    def hooks(self) -> Iterator[Hooks]:
        """The hooks, filled by the bundled plugins and this one."""
        # nothing that is installed besides: it may be this very plugin, and nothing is registered twice
        settings = PluginSettings(only=(*BUNDLED, NAME))
        hooks = build_hooks(settings, None if self.plugin is None else {NAME: self.plugin})
        yield hooks
        hooks.close()

    def loaded(self, hooks: Hooks, bundled: str) -> PluginInfo:
        """What became of the plugin; `bundled` is the name of the one that is tried when none is given."""
        return next(each for each in hooks.plugins if each.name == (bundled if self.plugin is None else NAME))

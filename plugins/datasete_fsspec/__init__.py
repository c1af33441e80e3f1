"""Stores on the local disk, in memory, on S3 and SMB; and, for one writer at a time, all else that fsspec can open.

Each engine is imported when the first space that needs it is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final

from datasete.plugin import ConfigError, Space, Store, hookimpl

ADAPTERS: Final = {
    "file": "datasete_fsspec.local",
    "memory": "datasete_fsspec.memory",
    "s3": "datasete_fsspec.s3",
    "smb": "datasete_fsspec.smb",
}
"""The module behind each scheme; its ``open_store(space)`` does the rest. All others are left to the generic one."""


@hookimpl
def datasete_schemes() -> Sequence[str]:
    """Those of the adapters. What the generic one opens has to be allowed by the configuration."""
    return tuple(ADAPTERS)


@hookimpl(trylast=True)
def datasete_open_store(space: Space) -> Store | None:
    """Open the store behind `space`, or decline a scheme that no module here can open.

    Raises:
        ConfigError: a chained URL, or one that its adapter cannot use.
    """
    if "::" in space.url:
        raise ConfigError(
            f"The space “{space.name}” has a chained URL (with “::”), which could reach anything.",
            hint="Nothing was opened. Name one place.",
        )
    module = ADAPTERS.get(space.scheme, "datasete_fsspec.generic")
    opener: Callable[[Space], Store | None] = import_module(module).open_store
    return opener(space)

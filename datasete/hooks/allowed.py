"""Which URLs may be opened: checked before any plugin sees one, so that no plugin has to remember it."""

from __future__ import annotations

import re
from typing import Final

from datasete.errors import ConfigError
from datasete.plugin import Space

_PASSWORD: Final = re.compile(r"(?!file:)[^:/]+://([^/@]*:[^/@]*@|[^/:@]*:(?!\d*(/|$))[^@]*@)", re.IGNORECASE)
"""A user with a password. The password may contain a slash, but digits after a colon are taken for a port."""


def check_url(space: Space, schemes: tuple[str, ...]) -> Space:
    """Return a space whose URL may be opened.

    Raises:
        ConfigError: it has none, or one that is not allowed.
    """
    if not space.url:
        raise ConfigError(
            f"The space “{space.name}” has no URL.", hint=f"Nothing was opened. Set spaces.{space.name}.url."
        )
    if "::" in space.url:
        raise ConfigError(
            f"The URL of the space “{space.name}” is a chain (“::”), which is not allowed.",
            hint="Nothing was opened: a chain can reach other protocols than the first. Name one place.",
        )
    if _PASSWORD.match(space.url):
        raise ConfigError(
            f"The URL of the space “{space.name}” contains a password.",
            hint="Nothing was opened: URLs are shown and logged. Put credentials into the environment or the options.",
        )
    if space.scheme not in schemes:
        raise ConfigError(
            f"The space “{space.name}” uses {space.scheme}://, which is not among the allowed schemes.",
            hint=f"Nothing was opened. Allowed are {', '.join(schemes)}; the settings are storage.schemes and "
            "storage.more_schemes.",
        )
    return space

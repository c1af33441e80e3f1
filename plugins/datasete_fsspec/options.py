"""Checks the options of a space. Typing errors are refused, and no value is ever shown: it may be a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from datasete.plugin import ConfigError, Space

NUMBERS: Final = {"timeout": float, "port": int}
TEXTS: Final = {"true": True, "false": False}
"""Flags in an environment variable of their own."""

FLAGS: Final = frozenset({"encrypt", "single_writer"})


def options_of(space: Space, known: Mapping[str, str], service: str) -> dict[str, Any]:
    """The options for the store, with numbers as numbers.

    Raises:
        ConfigError: an option is not `known`, or its value is of another kind.
    """
    options = dict(space.store_options)
    unknown = options.keys() - known.keys()
    if unknown:
        raise ConfigError(
            f"The space “{space.name}” has options that {service} does not know: {', '.join(sorted(unknown))}.",
            hint=f"Nothing was opened. It knows {', '.join(known)}.",
        )
    for name in options.keys() & FLAGS:
        options[name] = TEXTS.get(str(options[name]), options[name])
        if not isinstance(options[name], bool):
            raise _unusable(space, name, "neither true nor false")
    for name in options.keys() & NUMBERS.keys():
        try:
            options[name] = NUMBERS[name](str(options[name]))
        except ValueError:
            raise _unusable(space, name, "not a number") from None
    return options


def _unusable(space: Space, name: str, why: str) -> ConfigError:
    return ConfigError(
        f"The option {name} of the space “{space.name}” is {why}.",
        hint="Nothing was opened. Correct it in the configuration.",
    )

"""The options of a space: a typing error is noticed, and no value is ever shown, for it may be a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from datasete.plugin import ConfigError, Space

NUMBERS: Final = {"timeout": float, "port": int}
FLAGS: Final = frozenset({"encrypt", "single_writer"})


def options_of(space: Space, known: Mapping[str, str], service: str) -> dict[str, Any]:
    """The options that are meant for the store, numbers as numbers.

    Raises:
        ConfigError: one that is not `known`, or whose value is of another kind.
    """
    options = dict(space.store_options)
    unknown = options.keys() - known.keys()
    if unknown:
        raise ConfigError(
            f"The space “{space.name}” has options that {service} does not know: {', '.join(sorted(unknown))}.",
            hint=f"There are {', '.join(known)}.",
        )
    for name in options.keys() & FLAGS:
        if not isinstance(options[name], bool):
            raise _unusable(space, name, "neither true nor false")
    for name in options.keys() & NUMBERS.keys():
        try:
            options[name] = NUMBERS[name](str(options[name]))
        except ValueError:
            raise _unusable(space, name, "no number") from None
    return options


def _unusable(space: Space, name: str, why: str) -> ConfigError:
    return ConfigError(f"The option {name} of the space “{space.name}” is {why}.", hint="Nothing was opened.")

"""Options in environment variables: they join those of the file, name by name.

``DATASETE_BUS__OPTIONS='{"port": 445}'`` and ``DATASETE_BUS__OPTIONS__PASSWORD=…`` both set single options of
``bus.options``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic_settings import BaseSettings, EnvSettingsSource

DELIMITER: Final = "__"
OPTIONS: Final = "options"


class Variables(EnvSettingsSource):
    """The environment as pydantic-settings reads it, but with options as tables, which merge with those of the file.

    Left to itself, it passes options on as one text, which replaces the table, and drops the nested form beside it.
    """

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        # text form last in the sort order: of two variables for one option, the more specific one counts
        self._options = sorted((name, value) for name, value in self.env_vars.items() if self._path(name))
        self.env_vars = {name: value for name, value in self.env_vars.items() if not self._path(name)}

    def __call__(self) -> dict[str, Any]:
        """All settings in variables, by section."""
        data = super().__call__()
        for name, text in self._options:
            *sections, last = self._path(name)
            table = data
            for section in sections:
                table = _table(table, section)
            if last == OPTIONS and sections[-1] != OPTIONS:
                table[OPTIONS] = {**_table(table, OPTIONS), **parse_options(text or "", name.upper())}
            else:
                table[last] = text
        return data

    def _path(self, name: str) -> list[str]:
        """The sections and names to an option, or to all options of a section; empty for any other variable."""
        if not name.startswith(self.env_prefix.lower()):
            return []
        path = name[len(self.env_prefix) :].split(DELIMITER)
        place = 2 if path[0] == "spaces" else 1
        return path if len(path) > place and path[place] == OPTIONS else []


def parse_options(text: str, name: str) -> Mapping[str, Any]:
    """The options in a text.

    Raises:
        ValueError: it is not a JSON object. The text is not repeated: it may hold secrets.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError(f'{name} is not a JSON object such as {{"port": 445}}')  # noqa: TRY004 - pydantic expects it
    return found


def _table(table: dict[str, Any], name: str) -> dict[str, Any]:
    inner = table.get(name)
    if not isinstance(inner, dict):
        inner = table[name] = {}
    return inner

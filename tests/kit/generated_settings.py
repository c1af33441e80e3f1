"""Writes docs/settings.md from the classes in datasete/config.py and the page's own settings."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Secret

ROOT = Path(__file__).resolve().parents[2]
HEAD = """# Settings

Generated from `datasete/config.py` and `locales/en/settings.json` by `make requirements`.

All settings have safe defaults; without a file everything works on the local disk. To change one, write a
`datasete.toml`:

```toml
[gates]
policy = "after"
after_s = 30
```

Datasete reads the file that the variable `DATASETE_CONFIG` names; otherwise the first `datasete.toml` in ComfyUI's user
folder (for `datasete serve`, `user` below its data folder) and the pack's own. Every setting is also an environment
variable, which overrides the file: `DATASETE_`, then section and name in capitals with two underscores between them:
`DATASETE_GATES__AFTER_S=30`. Lists and tables are written as JSON there: `DATASETE_SERVER__ALLOWED_HOSTS='["nas"]'`.

Options in variables join those in the file, name by name, as JSON or one by one:
`DATASETE_BUS__OPTIONS='{"port": 1445}'`, `DATASETE_BUS__OPTIONS__PASSWORD=…`. Where both name one, the second form
counts; its value is a text as it stands.
`null` in the first takes an option of the file away.

A misspelt name is an error: if it were ignored, something might stay open that was meant to be closed. Settings are
read when the server starts. `datasete doctor` names the file that it read, and says what is wrong with it.
"""
PAGE_HEAD = """## In ComfyUI's settings dialog

Under *Datasete*, for this browser's user:

| setting | |
|---|---|
"""
OPTIONS = "The options of the store: [storage.md](storage.md)"


def settings_page() -> str:
    """All settings, section by section."""
    from datasete.config import Settings

    sections = [section(name, field.annotation, field.default) for name, field in Settings.model_fields.items()]
    return "\n".join([HEAD, *sections, PAGE_HEAD + page_settings()])


def section(name: str, kind: Any, default: Any) -> str:
    """A section with its settings."""
    if not isinstance(default, BaseModel):  # [spaces.NAME], a table of spaces
        lead = "Further spaces, which loaders and savers may name as `NAME:folder`. Each is written like `[bus]`."
        return f"## `[{name}.NAME]`\n\n{lead}\n"
    lead, described = words(kind)
    rows = [
        f"| `{name}.{key}` | `{shown(getattr(default, key))}` | {described.get(key) or inherited(key)} |"
        for key in kind.model_fields
    ]
    return "\n".join([f"## `[{name}]`", "", lead, "", "| setting | default | |", "|---|---|---|", *rows, ""])


def words(kind: type) -> tuple[str, dict[str, str]]:
    """What the docstring of a section says: its first part, and a text for each setting."""
    lead, _, attributes = (inspect.getdoc(kind) or "").partition("Attributes:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", attributes, re.MULTILINE)
    return plain(lead), {name: sentence(plain(text)) for name, text in found}


def sentence(text: str) -> str:
    """As it begins in a cell of a table."""
    return text[:1].upper() + text[1:].removesuffix(".")


def inherited(key: str) -> str:
    """What is the same in every space."""
    return {"url": "Where the space is; empty: the default folder on the local disk", "options": OPTIONS}.get(key, "")


def plain(text: str) -> str:
    return " ".join(text.split()).replace("``", "`").replace("|", "\\|")


def shown(value: object) -> str:
    """A default as TOML writes it."""
    value = value.get_secret_value() if isinstance(value, Secret) else value
    value = list(value) if isinstance(value, tuple) else value
    return "{}" if value == {} else json.dumps(value, ensure_ascii=False)


def page_settings() -> str:
    """Those of the page, from their English texts."""
    texts = json.loads((ROOT / "locales" / "en" / "settings.json").read_text("utf-8"))
    return "".join(f"| {each['name']} | {each.get('tooltip', '')} |\n" for each in texts.values())

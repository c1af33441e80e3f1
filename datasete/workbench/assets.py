"""Finds the pack's web modules, examples and translations, and the frontend's static files."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from datasete.errors import ConfigError, InvalidOption

PACK_NAME = "datasete"


@dataclass(frozen=True)
class Pack:
    """The parts of the pack that are served as they are: beside the package in a clone, inside it in a wheel."""

    root: Path

    @property
    def web(self) -> Path:
        """The web modules, and below ``docs/`` the nodes' help."""
        return self.root / "web"

    @property
    def examples(self) -> Path:
        """The example workflows, each with a picture of the same name."""
        return self.root / "example_workflows"

    @property
    def locales(self) -> Path:
        """Translations, one folder for each language."""
        return self.root / "locales"


def find_pack() -> Pack:
    """Return the pack that this package belongs to."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "pack"
    return Pack(inside if inside.is_dir() else package.parent)


FRONTEND_VARIABLE: Final = "DATASETE_FRONTEND"
"""Names the folder of a built frontend, used instead of the installed package's."""


def find_frontend(named: Path | None = None) -> Path:
    """Return the folder of the built frontend: `named`, the one in ``DATASETE_FRONTEND``, or the installed package's.

    Raises:
        ConfigError: none is found; the sentence names what to install.
    """
    if named is None and os.environ.get(FRONTEND_VARIABLE):
        named = Path(os.environ[FRONTEND_VARIABLE]).expanduser()
    if named is not None:
        if not (named / "index.html").is_file():
            raise InvalidOption(f"There is no index.html in {named}.", hint="Name the folder of a built frontend.")
        return named.resolve()
    found = importlib.util.find_spec("comfyui_frontend_package")
    for place in found.submodule_search_locations or () if found else ():
        if (Path(place) / "static" / "index.html").is_file():
            return Path(place) / "static"
    raise ConfigError(
        "The ComfyUI frontend is not installed.", hint="Install it with: pip install comfyui-frontend-package"
    )

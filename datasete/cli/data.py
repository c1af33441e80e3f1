"""Where a command finds input/, output/ and user/."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from datasete.host import BareHost


def data_dir() -> Path:
    """The default data folder of this user."""
    return platformdirs.user_data_path("datasete", appauthor=False)


def script_host(data: Path) -> BareHost:
    """A host for commands that work on a data folder without serving it. No folder is created."""
    return BareHost(data / "input", data / "output", data / "user", name="command line")

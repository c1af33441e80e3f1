"""Where a command finds input/, output/ and user/."""

from __future__ import annotations

from pathlib import Path

from datasete.host.api import BareHost


def script_host(data: Path) -> BareHost:
    """A host for commands that work on a data folder without serving it. No folder is created."""
    return BareHost(data / "input", data / "output", data / "user", name="command line")

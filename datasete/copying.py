"""Copies files from one space to another, each compared after it was written; what is there already is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from datasete.errors import CorruptData
from datasete.plugin import Blob
from datasete.storage import Storage

ATTEMPTS: Final = 5
"""How often something is copied again because it changed meanwhile."""

Outcome = Literal["copied", "there", "kept"]


@dataclass(frozen=True)
class Copied:
    """What became of one slot or pool: `copied`; `there` already; or `kept`, as the target has another one."""

    name: str
    outcome: Outcome


def copy_file(source: Storage, target: Storage, key: str) -> Blob | None:
    """Copy one file unless it is there; return it, or None when the source has it no more.

    Raises:
        CorruptData: the target gives other bytes back than were written.
    """
    blob = source.get(key)
    if blob is None or holds(target, key, blob):
        return blob
    target.write(key, blob.data)
    check_written(target, key, blob)
    return blob


def copy_files(source: Storage, target: Storage, keys: Iterable[str]) -> None:
    """Copy files one after the other."""
    for key in keys:
        copy_file(source, target, key)


def holds(target: Storage, key: str, blob: Blob) -> bool:
    """Whether the target has these bytes under the key."""
    found = target.get(key)
    return found is not None and found.data == blob.data


def check_written(target: Storage, key: str, blob: Blob) -> None:
    """Read a file back.

    Raises:
        CorruptData: it is not what was written.
    """
    if not holds(target, key, blob):
        raise CorruptData(
            f"“{key}” in the space “{target.space.name}” is not what was written there.",
            hint="The source is unharmed. Run `datasete doctor`, then copy again.",
        )

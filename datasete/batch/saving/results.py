"""The names that results are written under: which source has which. Rows of the ledger, one for each file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from datasete.ids import same_name

MAX_RESULTS: Final = 1_000_000
"""How many names a ledger keeps, some 300 bytes each; those that were claimed longest ago are forgotten first."""

_DIGEST_BYTES: Final = 16

Execute = Callable[[str, Iterable[Any]], list[Any]]


def source_id(space: str, folder: str, name: str) -> str:
    """Return a text that is the same for a file however a batch reaches it: by which filter, or from which folder."""
    path = f"{folder.rstrip('/')}/{name}" if folder else name
    return f"{space}\0{path}"


class ResultTable:
    """The claimed names of one ledger.

    Paths are compared without case and in one Unicode form: `Cat.png` and `cat.png` are one file on many shares, and a
    folder of results that is copied to one must not lose any.

    Args:
        execute: runs one statement and returns its rows.
    """

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def own(self, source: str, wanted: str) -> list[tuple[int, bool]]:
        """Return the numbers under which a source has a name, and whether another one had the name it wanted."""
        query = "SELECT DISTINCT number, renamed FROM results WHERE source = ? AND wanted = ? ORDER BY number"
        rows = self._execute(query, (_digest(source), _path_digest(wanted)))
        return [(int(number), bool(is_renamed)) for number, is_renamed in rows]

    def highest(self, wanted: str) -> int:
        """Return the highest number that was given for a wanted name; 0 when there is none."""
        return self._execute("SELECT max(number) FROM results WHERE wanted = ?", (_path_digest(wanted),))[0][0] or 0

    def others(self, source: str, paths: Sequence[str]) -> list[str]:
        """Return the files of other sources that have one of `paths`, spelled as they were written."""
        query = "SELECT path FROM results WHERE target = ? AND source <> ?"
        found = (self._execute(query, (_path_digest(path), _digest(source))) for path in paths)
        return [_decoded(row[0]) for rows in found for row in rows]

    def put(
        self,
        batch: int,
        pass_number: int,
        source: str,
        wanted: str,
        number: int,
        paths: Sequence[str],
        *,
        is_renamed: bool,
    ) -> None:
        """Give `paths` to a source, also those that another one had."""
        statement = (
            "INSERT OR REPLACE INTO results (target, batch, pass, source, wanted, number, renamed, path) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        shared = (batch, pass_number, _digest(source), _path_digest(wanted), number, is_renamed)
        for path in paths:
            self._execute(statement, (_path_digest(path), *shared, _encoded(path)))

    def is_renamed(self, batch: int, pass_number: int, source: str) -> bool:
        """Whether a source was renamed in this pass already, by this saver or another one."""
        query = "SELECT 1 FROM results WHERE source = ? AND batch = ? AND pass = ? AND renamed LIMIT 1"
        return bool(self._execute(query, (_digest(source), batch, pass_number)))

    def of(self, batch: int, pass_number: int, source: str) -> list[str]:
        """Return the paths that a source has in a pass, in the order in which they were claimed."""
        query = "SELECT path FROM results WHERE source = ? AND batch = ? AND pass = ? ORDER BY id"
        return [_decoded(row[0]) for row in self._execute(query, (_digest(source), batch, pass_number))]

    def of_source(self, source: str) -> list[str]:
        """Return the paths that a source has, from whichever batch."""
        return [
            _decoded(row[0]) for row in self._execute("SELECT path FROM results WHERE source = ?", (_digest(source),))
        ]

    def prune(self, keep: int = MAX_RESULTS) -> None:
        """Forget the oldest names beyond `keep`."""
        self._execute("DELETE FROM results WHERE id <= (SELECT max(id) FROM results) - ?", (keep,))


def _path_digest(path: str) -> bytes:
    return _digest(same_name(path))


def _digest(text: str) -> bytes:
    return hashlib.sha256(_encoded(text)).digest()[:_DIGEST_BYTES]


def _encoded(text: str) -> bytes:
    # File names may hold bytes that are not text; they are kept as surrogates.
    return text.encode("utf-8", "surrogatepass")


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")

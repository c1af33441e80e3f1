"""How the ledger keeps batches: its tables, and a batch's state as JSON."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

from datasete.batch.state import ActiveRun, Batch, PendingTrigger, Status
from datasete.errors import ConfigError, CorruptData

APPLICATION_ID: Final = 0x44534C31
"""Marks the file as ours (``DSL1``)."""

STEPS: Final = (
    """
    CREATE TABLE batches (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        space TEXT NOT NULL,
        path BLOB NOT NULL,
        filter TEXT NOT NULL,
        state TEXT NOT NULL,
        flight TEXT,
        updated INTEGER NOT NULL
    );
    CREATE INDEX batches_by_flight ON batches (flight) WHERE flight IS NOT NULL;
    CREATE TABLE pages (
        batch INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
        page INTEGER NOT NULL,
        names BLOB NOT NULL,
        PRIMARY KEY (batch, page)
    );
    CREATE TABLE items (
        batch INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        run TEXT NOT NULL,
        ended INTEGER NOT NULL,
        PRIMARY KEY (batch, place)
    ) WITHOUT ROWID;
    CREATE TABLE prompts (
        batch INTEGER PRIMARY KEY REFERENCES batches (id) ON DELETE CASCADE,
        serial INTEGER NOT NULL,
        prompt BLOB NOT NULL
    );
    """,
)
"""``STEPS[n]`` takes a ledger from version n to n + 1. Only ever appended to."""


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a new or older ledger to today's version, in one transaction.

    Raises:
        ConfigError: a newer version of the pack wrote it; it is left alone.
    """
    connection.execute("PRAGMA journal_mode = WAL")
    # A process that is killed loses nothing; a machine that loses power may repeat its last runs.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    if _version(connection, path) == len(STEPS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for version in range(_version(connection, path), len(STEPS)):
            for statement in STEPS[version].split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(STEPS):
        raise ConfigError(
            f"The batch ledger {path} was written by a newer version of Datasete (format {version}).",
            hint="It was left alone. Update Datasete, or move the file aside to start a new one.",
        )
    return version


# A batch's active run stands under "flight", as in the ledgers that the first versions wrote: those stay readable, and
# a version that is put back after an update reads ours.
_ACTIVE_KEY: Final = "flight"


def encode_batch(batch: Batch) -> str:
    """Return the state as JSON."""
    values = {_ACTIVE_KEY if name == "active" else name: value for name, value in asdict(batch).items()}
    return json.dumps(values, separators=(",", ":"))


def decode_batch(text: str) -> Batch:
    """Read the state from JSON. Keys that this version does not know are ignored.

    Raises:
        CorruptData: it is not a batch's state.
    """
    try:
        values = json.loads(text)
        active, pending = values.pop(_ACTIVE_KEY, None), values.pop("pending", None)
        return Batch(
            **_known(Batch, values) | {"status": Status(values.get("status", "fresh"))},
            active=ActiveRun(**_known(ActiveRun, active)) if active else None,
            pending=PendingTrigger(**_known(PendingTrigger, pending)) if pending else None,
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise CorruptData("The state of a batch is damaged in the ledger.", hint="Reset the batch.") from error


def _known(kind: Any, values: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in values.items() if name in names}

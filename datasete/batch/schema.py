"""The ledger's tables, and a batch's state as JSON."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final, TypeVar

from datasete.batch.state import ActiveRun, Batch, PendingTrigger, Press, Progress, Status, Stretch
from datasete.errors import ConfigError, CorruptData

_Value = TypeVar("_Value", ActiveRun, PendingTrigger)

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
    # Digests, since paths are long and stand in three indexes. `path` is what to show, and where to look.
    """
    CREATE TABLE results (
        id INTEGER PRIMARY KEY,
        target BLOB NOT NULL UNIQUE,
        batch INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
        pass INTEGER NOT NULL,
        source BLOB NOT NULL,
        wanted BLOB NOT NULL,
        number INTEGER NOT NULL,
        renamed INTEGER NOT NULL,
        path BLOB NOT NULL
    );
    CREATE INDEX results_by_source ON results (source, wanted, number);
    CREATE INDEX results_by_wanted ON results (wanted, number);
    CREATE INDEX results_by_batch ON results (batch);
    """,
)
"""``STEPS[n]`` takes a ledger from version n to n + 1. Steps are only ever appended."""


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a new or older ledger to the current version, in one transaction.

    Raises:
        ConfigError: a newer version of the pack wrote it; it is left alone.
    """
    connection.execute("PRAGMA journal_mode = WAL")
    # NORMAL: a process that is killed loses nothing; a machine that loses power may repeat its last runs. FULL would
    # wait for the disk in every run.
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


# The keys are those of the first versions, in their order, whatever the fields are called now: the ledgers of then stay
# readable. Keys that came later are at the end.
_BATCH_KEYS: Final = (
    ("status", "", "status"),
    ("total", "progress", "total"),
    ("position", "progress", "position"),
    ("count", "progress", "done"),
    ("skipped", "progress", "skipped"),
    ("first", "progress", "first"),
    ("passes", "", "passes"),
    ("serial", "", "serial"),
    ("mode", "stretch", "mode"),
    ("flight", "", "active"),
    ("pending", "", "pending"),
    ("halted", "", "halted"),
    ("began", "stretch", "began"),
    ("walked", "stretch", "done"),
    ("attempts", "progress", "attempts"),
    ("message", "", "message"),
    ("held", "", "held"),
    ("trigger", "", "trigger"),
    ("pressed", "press", "queued"),
    ("press", "press", "id"),
    ("renamed", "progress", "renamed"),
    ("existing", "progress", "existing"),
    ("ahead", "progress", "ahead"),
    ("listed", "", "listed"),
    ("unpaired", "progress", "unpaired"),
    ("drifted", "progress", "drifted"),
    ("unread", "progress", "unread"),
    ("saved_as", "", "saved_as"),
)
"""Each key, with the group and the field of `Batch` that it stands for."""

_LATER_KEYS: Final = frozenset(
    {"renamed", "existing", "ahead", "listed", "unpaired", "drifted", "spoiled", "beside", "unread", "saved_as"}
)
"""Keys that are left out where they say nothing, so that the row stays as the first versions wrote it."""

_RUN_KEYS: Final = {"starts_pass": "began"}
_TRIGGER_KEYS: Final = {"reserved": "fired"}


def encode_batch(batch: Batch) -> str:
    """Return the state as JSON."""
    values = {key: getattr(getattr(batch, group) if group else batch, name) for key, group, name in _BATCH_KEYS}
    values["flight"] = _encode(batch.active, _RUN_KEYS)
    values["pending"] = _encode(batch.pending, _TRIGGER_KEYS)
    values = {key: value for key, value in values.items() if value or key not in _LATER_KEYS}
    return json.dumps(values, separators=(",", ":"))


def decode_batch(text: str) -> Batch:
    """Read the state from JSON. Keys that this version does not know are ignored.

    Raises:
        CorruptData: it is not a batch's state.
    """
    try:
        values = dict(json.loads(text).items())
        values["status"] = Status(values.get("status", "fresh"))
        values["flight"] = _decode(ActiveRun, values.get("flight"), _RUN_KEYS)
        values["pending"] = _decode(PendingTrigger, values.get("pending"), _TRIGGER_KEYS)
        return Batch(
            progress=Progress(**_fields_of("progress", values)),
            stretch=Stretch(**_fields_of("stretch", values)),
            press=Press(**_fields_of("press", values)),
            **_fields_of("", values),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise CorruptData(
            "The state of a batch is damaged in the ledger.", hint="Files are unchanged. Reset the batch."
        ) from error


def _fields_of(group: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[key] for key, of, name in _BATCH_KEYS if of == group and key in values}


def _encode(value: ActiveRun | PendingTrigger | None, keys: dict[str, str]) -> dict[str, Any] | None:
    if value is None:
        return None
    values = {keys.get(name, name): each for name, each in asdict(value).items()}
    return {key: each for key, each in values.items() if each or key not in _LATER_KEYS}


def _decode(kind: type[_Value], values: dict[str, Any] | None, keys: dict[str, str]) -> _Value | None:
    if not values:
        return None
    known = {field.name: keys.get(field.name, field.name) for field in fields(kind)}
    return kind(**{name: values[key] for name, key in known.items() if key in values})

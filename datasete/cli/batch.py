"""The commands ``datasete batch ls|show|reset|export``."""

from __future__ import annotations

import argparse
import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

from datasete.application import Application
from datasete.batch.state import Entry, FileRecord
from datasete.cli.output import Commands, Result, table
from datasete.errors import InvalidInput, NotFound

HEADS = ("index", "name", "state", "reason", "run", "ended", "result")


def add_commands(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the group to the parser."""
    group = commands.add_parser("batch", help="list, show, reset and export batches")
    actions = group.add_subparsers(required=True, metavar="ACTION", title="actions")
    actions.add_parser("ls", parents=[common], help="list batches").set_defaults(command=ls)
    for name, command, text in (
        ("show", show, "show a batch and the files that were skipped"),
        ("reset", reset, "start a batch over with its next run"),
        ("export", export, "write the result of every file as CSV"),
    ):
        parser = actions.add_parser(name, parents=[common], help=text)
        parser.add_argument("batch", help="a batch's key, the beginning of one, or a folder")
        parser.set_defaults(command=command)
    parser.add_argument("file", type=Path, nargs="?", help="the CSV file (default: standard output)")


def ls(application: Application, options: argparse.Namespace) -> Result:
    """List batches, the one that changed last first."""
    del options
    data = application.batches.describe_all()
    return Result(data, table(map(_summary, data), ("BATCH", "STATE", "DONE", "SKIPPED", "FOLDER")))


def show(application: Application, options: argparse.Namespace) -> Result:
    """Show one batch, with the reasons for the files that were skipped."""
    entry = _find(application, options.batch)
    skipped = application.batches.skipped(entry.key)
    data = application.batches.describe(entry)
    rows = [{"index": item.index, "name": item.shown_name, "reason": item.reason} for item in skipped]
    lines = [
        _folder_and_filter(data),
        str(data["status"]),
        *(f"  {item.shown_name}: {item.reason}" for item in skipped),
    ]
    return Result(data | {"skipped_files": rows}, lines)


def reset(application: Application, options: argparse.Namespace) -> Result:
    """Start a batch over; files are left alone."""
    entry = application.batches.reset(_find(application, options.batch).key)
    data = application.batches.describe(entry)
    return Result(data, [f"The batch over {data['folder']} starts over with its next run."])


def export(application: Application, options: argparse.Namespace) -> Result:
    """Write the ledger of a batch as CSV, a line for each file."""
    items = application.batches.items(_find(application, options.batch).key)
    if options.file is None:
        rows = list(items)
        data = [dict(zip(HEADS, _row(item), strict=True)) for item in rows]
        return Result(data, _csv(iter(rows)).splitlines())
    try:
        options.file.write_text(_csv(items), "utf-8", newline="")
    except OSError as error:
        raise InvalidInput(
            f"{options.file} cannot be written: {error.strerror or error}.",
            hint="The batch is unharmed. Name another file.",
        ) from error
    return Result({"file": str(options.file)}, [f"Wrote {options.file}."])


def _csv(items: Iterator[FileRecord]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADS)
    writer.writerows(_row(item) for item in items)
    return text.getvalue()


def _row(item: FileRecord) -> tuple[object, ...]:
    ended = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(item.ended / 1000)) if item.ended else ""
    return item.index, item.shown_name, item.state, item.reason, item.run, ended, item.shown_results


def _find(application: Application, text: str) -> Entry:
    entries = application.batches.all()
    # A folder may be named like the beginning of a key; the key wins, as it cannot be given in another way.
    found = [entry for entry in entries if entry.key.startswith(text.lower())] if text else []
    if not found:
        location = application.batches.loaders.source(text).location
        found = [entry for entry in entries if (entry.space, entry.path) == (location.space, location.path)]
    if not found:
        raise NotFound(
            f"The batch “{text}” does not exist.", hint="Nothing was changed. `datasete batch ls` lists them."
        )
    if len({entry.key for entry in found}) > 1:
        raise InvalidInput(f"“{text}” means {len(found)} batches.", hint="Nothing was changed. Give more of the key.")
    return found[0]


def _summary(data: dict[str, object]) -> tuple[str, ...]:
    done = f"{data['done']}/{data['total']}"
    return str(data["key"])[:8], str(data["state"]), done, str(data["skipped"]), _folder_and_filter(data)


def _folder_and_filter(data: dict[str, object]) -> str:
    return f"{data['folder']} ({data['filter']})"

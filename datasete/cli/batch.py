"""``datasete batch ls|show|reset|export``."""

from __future__ import annotations

import argparse
import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

from datasete.application import Application
from datasete.batch.state import Entry, FileRecord
from datasete.cli.output import Answer, Commands, table
from datasete.errors import InvalidInput, NotFound

HEADS = ("index", "name", "state", "reason", "run", "ended")


def add_commands(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the group to the parser."""
    group = commands.add_parser("batch", help="list, show, reset and export batches")
    actions = group.add_subparsers(required=True, metavar="ACTION", title="actions")
    actions.add_parser("ls", parents=[common], help="list batches").set_defaults(command=ls)
    for name, command, text in (
        ("show", show, "show a batch and the files that were skipped"),
        ("reset", reset, "let a batch begin at the beginning again"),
        ("export", export, "write what became of every file as CSV"),
    ):
        parser = actions.add_parser(name, parents=[common], help=text)
        parser.add_argument("batch", help="a key, its beginning, or a folder")
        parser.set_defaults(command=command)
    parser.add_argument("file", type=Path, nargs="?", help="the CSV file; standard output without it")


def ls(application: Application, options: argparse.Namespace) -> Answer:
    """List batches, the one that changed last first."""
    del options
    data = application.batches.describe_all()
    rows = [
        (
            str(each["key"])[:8],
            str(each["state"]),
            f"{each['done']}/{each['total']}",
            str(each["skipped"]),
            _place(each),
        )
        for each in data
    ]
    return Answer(data, table(rows, ("BATCH", "STATE", "DONE", "SKIPPED", "FOLDER")))


def show(application: Application, options: argparse.Namespace) -> Answer:
    """One batch, with the reasons for what was skipped."""
    entry = _find(application, options.batch)
    skipped = application.batches.skipped(entry.key)
    data = application.batches.describe(entry)
    rows = [{"index": item.index, "name": item.shown_name, "reason": item.reason} for item in skipped]
    lines = [_place(data), str(data["status"]), *(f"  {item.shown_name}: {item.reason}" for item in skipped)]
    return Answer(data | {"skipped_files": rows}, lines)


def reset(application: Application, options: argparse.Namespace) -> Answer:
    """Forget the place; files are left alone."""
    entry = application.batches.reset(_find(application, options.batch).key)
    data = application.batches.describe(entry)
    return Answer(data, [f"The batch over {data['folder']} begins at the beginning with the next run."])


def export(application: Application, options: argparse.Namespace) -> Answer:
    """The ledger of a batch as CSV, a line for each file."""
    items = application.batches.items(_find(application, options.batch).key)
    if options.file is None:
        rows = list(items)
        data = [dict(zip(HEADS, _row(item), strict=True)) for item in rows]
        return Answer(data, _csv(iter(rows)).splitlines())
    try:
        options.file.write_text(_csv(items), "utf-8", newline="")
    except OSError as error:
        raise InvalidInput(f"{options.file} cannot be written: {error.strerror or error}.") from error
    return Answer({"file": str(options.file)}, [f"Wrote {options.file}."])


def _csv(items: Iterator[FileRecord]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADS)
    writer.writerows(_row(item) for item in items)
    return text.getvalue()


def _row(item: FileRecord) -> tuple[object, ...]:
    ended = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(item.ended / 1000)) if item.ended else ""
    return item.index, item.shown_name, item.state, item.reason, item.run, ended


def _find(application: Application, text: str) -> Entry:
    entries = application.batches.all()
    found = [entry for entry in entries if entry.key.startswith(text.lower())] if text else []
    if not found:
        location = application.batches.loaders.source(text).location
        found = [entry for entry in entries if (entry.space, entry.path) == (location.space, location.path)]
    if not found:
        raise NotFound(f"There is no batch “{text}”.", hint="`datasete batch ls` lists them.")
    if len({entry.key for entry in found}) > 1:
        raise InvalidInput(f"“{text}” means {len(found)} batches.", hint="Give more of the key.")
    return found[0]


def _line(data: dict[str, object]) -> tuple[str, ...]:
    done = f"{data['done']}/{data['total']}"
    return str(data["key"])[:8], str(data["state"]), done, str(data["skipped"]), _place(data)


def _place(data: dict[str, object]) -> str:
    return f"{data['folder']} ({data['filter']})"

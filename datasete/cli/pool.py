"""The commands ``datasete pool ls|add|export|import``."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from datasete.application import Application
from datasete.cli import copying
from datasete.cli.output import Result, progress, table
from datasete.cli.picture_files import PictureFile, picture_files, read_bytes, summary
from datasete.config import POOLS
from datasete.errors import InvalidInput, NotFound, StoreFull
from datasete.plugin.profiles import ProfileSource
from datasete.pools import Addition, Refused, Upload
from datasete.pools.manifest import Picture
from datasete.sidecars.text import read_caption
from datasete.system.moving import move

DEFAULT_POOL: Final = "default"
LABEL_WIDTH: Final = 60
"""Characters of a label in a table."""


def add_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """Add the group to the parser."""
    group = commands.add_parser("pool", help="list, fill, export and import pools and profiles")
    actions = group.add_subparsers(required=True, metavar="ACTION", title="actions")
    ls_parser = actions.add_parser("ls", parents=[common], help="list pools, or the pictures of one")
    ls_parser.add_argument("pool", nargs="?", help="a profile's name or a pool's id")
    ls_parser.set_defaults(command=ls)
    copying.add_command(actions, common, POOLS)
    add_parser = actions.add_parser("add", parents=[common], help="add pictures, with their captions and masks")
    add_parser.add_argument("path", type=Path, nargs="+", help="pictures, or folders of them with all folders below")
    add_parser.add_argument(
        "--to",
        default=DEFAULT_POOL,
        metavar="POOL",
        help="a profile's name, which is created when it is new, or a pool's id (default: %(default)s)",
    )
    add_parser.set_defaults(command=add)
    export_parser = actions.add_parser("export", parents=[common], help="write a profile or a pool to a file")
    export_parser.add_argument("pool", help="a profile's name or a pool's id")
    export_parser.add_argument(
        "file", type=Path, nargs="?", help="the file to write (default: the profile's name, in this folder)"
    )
    export_parser.add_argument("--format", default="", help="datasete-zip (default), training-set, or one of a plugin")
    export_parser.set_defaults(command=export)
    import_parser = actions.add_parser("import", parents=[common], help="read a profile from a file")
    import_parser.add_argument("file", type=Path)
    import_parser.add_argument("--name", default="", help="the profile's name (default: the one in the file)")
    import_parser.add_argument("--format", default="", help="the file's format (default: recognized from its content)")
    import_parser.set_defaults(command=import_)


def ls(application: Application, options: argparse.Namespace) -> Result:
    """List all pools, profiles first; or the pictures of one pool."""
    if options.pool:
        return _list_pictures(application, _pool_id(application, options.pool))
    names = {profile.id: profile.name for profile in application.profiles.registry().profiles}
    ids = [*names, *(pool_id for pool_id in application.pools.ids() if pool_id not in names)]
    counts = {pool_id: len(application.pools.manifest(pool_id).pictures) for pool_id in ids}
    data = [{"id": pool_id, "name": names.get(pool_id), "pictures": count} for pool_id, count in counts.items()]
    rows = [(names.get(pool_id, ""), str(count), pool_id) for pool_id, count in counts.items()]
    return Result(data, table(rows, ("PROFILE", "PICTURES", "ID")))


def add(application: Application, options: argparse.Namespace) -> Result:
    """Add pictures with one write of the manifest; good ones are kept when others are refused."""
    found = picture_files(options.path)
    files = found.pictures
    pool_id = _pool_to_fill(application, options.to)
    refused: list[Refused] = []
    with application.pools.addition(pool_id) as addition:
        for file in progress(files, len(files), "Adding", quiet=options.json):
            _stage(addition, file, refused)
        added = len(addition.pictures)
        count = len(addition.commit().pictures)
    errors = [{"file": each.filename, "code": each.error.code, "message": each.error.message} for each in refused]
    lines = [f"{each.filename}: {each.error.message}" for each in refused]
    lines += [*summary(found.left_out), f"Added {_pictures(added)} to “{options.to}”, which has {count} now."]
    left_out = [{"file": str(each.path), "reason": each.reason} for each in found.left_out]
    data = {"id": pool_id, "added": added, "count": count, "errors": errors, "left_out": left_out}
    return Result(data, lines, status=0 if added else 2)


def _stage(addition: Addition, file: PictureFile, refused: list[Refused]) -> None:
    """Add one picture. A caption or mask that cannot be used is refused alone: its picture is added without it."""
    with _listing(refused, file.image):
        addition.stage(Upload(read_bytes(file.image), str(file.image)))
        place = len(addition.pictures) - 1
        if file.caption:
            with _listing(refused, file.caption):
                addition.label(place, read_caption(read_bytes(file.caption), file.caption.name))
        if file.mask:
            with _listing(refused, file.mask):
                addition.mask(place, read_bytes(file.mask))


@contextmanager
def _listing(refused: list[Refused], path: Path) -> Iterator[None]:
    try:
        yield
    except InvalidInput as error:
        refused.append(Refused(str(path), error))


def export(application: Application, options: argparse.Namespace) -> Result:
    """Write a profile to a file, atomically; an existing file is never replaced."""
    transfer = application.transfer
    profile_format = transfer.format_of(options.format)
    pool_id = _pool_id(application, options.pool)
    source = transfer.source(pool_id, _name(application, pool_id))
    path = options.file or Path(f"{source.name}{profile_format.suffix}")
    items = progress(source.items, source.count, "Exporting", quiet=options.json)
    size = _write_atomically(application, replace(source, items=items), profile_format.id, path)
    data = {"id": pool_id, "file": str(path), "pictures": source.count, "bytes": size}
    return Result(data, [f"Wrote {_pictures(source.count)} to {path} ({size / 1e6:.1f} MB)."])


def import_(application: Application, options: argparse.Namespace) -> Result:
    """Read a file into a new profile."""
    try:
        file = options.file.open("rb")
    except OSError as error:
        raise InvalidInput(
            f"{options.file} cannot be read: {error.strerror}.", hint="Nothing was imported. Name another file."
        ) from error
    with file:
        profile = application.transfer.import_(
            file, name=options.name, format_id=options.format, fallback=options.file.stem
        )
    count = len(application.pools.manifest(profile.id).pictures)
    return Result({**profile.entry, "pictures": count}, [f"Imported {_pictures(count)} as “{profile.name}”."])


def _list_pictures(application: Application, pool_id: str) -> Result:
    manifest = application.pools.manifest(pool_id)
    rows = [
        _row(place, picture, active=place == manifest.active_index) for place, picture in enumerate(manifest.pictures)
    ]
    data = [{"index": place, **picture.entry} for place, picture in enumerate(manifest.pictures)]
    return Result(data, table(rows, ("", "INDEX", "PICTURE", "MASK", "LABEL")))


def _row(place: int, picture: Picture, *, active: bool) -> tuple[str, ...]:
    return "*" if active else "", str(place), picture.image, "mask" if picture.mask else "", _shortened(picture.label)


def _pool_id(application: Application, text: str) -> str:
    profile = application.profiles.registry().named(text)
    if profile:
        return profile.id
    if not application.pools.exists(text):
        raise NotFound(
            f"“{text}” is neither a profile nor a pool.", hint="Nothing was changed. `datasete pool ls` lists them."
        )
    return text


def _pool_to_fill(application: Application, text: str) -> str:
    # It exists as soon as something is in it, and must not create a profile of that name.
    if text == DEFAULT_POOL:
        return text
    try:
        return _pool_id(application, text)
    except NotFound:
        return application.profiles.create(text).id


def _name(application: Application, pool_id: str) -> str:
    profile = application.profiles.registry().find(pool_id)
    return profile.name if profile else pool_id


def _write_atomically(application: Application, source: ProfileSource, format_id: str, path: Path) -> int:
    if path.exists():
        raise InvalidInput(f"{path} exists already.", hint="It was left as it is. Name another file.")
    # Beside the file, as a rename across file systems is not atomic; synced first, or a crash could leave it empty.
    try:
        descriptor, staged = tempfile.mkstemp(dir=path.parent, prefix=".datasete-", suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as file:
                application.transfer.export(source, format_id, file)
                file.flush()
                os.fsync(file.fileno())
            move(staged, path)
        finally:
            Path(staged).unlink(missing_ok=True)
    except OSError as error:
        raise StoreFull(
            f"{path} cannot be written: {error.strerror}.", hint="The pool is unharmed. Name another file."
        ) from error
    return path.stat().st_size


def _shortened(label: str) -> str:
    line = " ".join(label.split())
    return line if len(line) <= LABEL_WIDTH else f"{line[: LABEL_WIDTH - 1]}…"


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"

"""The commands ``datasete bus ls|put|get|history|restore|copy|rm``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from datasete.application import Application
from datasete.cli import copying
from datasete.cli.output import Commands, Result, foreign_objects, table
from datasete.config import BUS, LimitSettings
from datasete.errors import InvalidInput, NotFound, TooLarge
from datasete.ids import validate_name


def add_commands(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the group to the parser."""
    group = commands.add_parser("bus", help="list, fill, read, restore and remove slots of the bus")
    actions = group.add_subparsers(required=True, metavar="ACTION", title="actions")
    actions.add_parser("ls", parents=[common], help="list slots").set_defaults(command=ls)
    put_parser = actions.add_parser("put", parents=[common], help="publish picture files to a slot")
    put_parser.add_argument("slot")
    put_parser.add_argument("image", type=Path, nargs="+", help="one file for each frame, all of the same size")
    put_parser.add_argument("--mask", type=Path, help="a mask of any format and size; white is painted")
    put_parser.set_defaults(command=put)
    get_parser = actions.add_parser("get", parents=[common], help="write a slot's files into a folder")
    get_parser.add_argument("slot")
    get_parser.add_argument("folder", type=Path, nargs="?", default=Path())
    get_parser.set_defaults(command=get)
    history_parser = actions.add_parser("history", parents=[common], help="list what a slot held before")
    history_parser.add_argument("slot")
    history_parser.set_defaults(command=history)
    restore_parser = actions.add_parser("restore", parents=[common], help="publish an old version again")
    restore_parser.add_argument("slot")
    restore_parser.add_argument("version", help="as `history` lists it")
    restore_parser.set_defaults(command=restore)
    copying.add_command(actions, common, BUS)
    rm_parser = actions.add_parser("rm", parents=[common], help="remove slots")
    rm_parser.add_argument("slot", nargs="+")
    rm_parser.set_defaults(command=rm)


def ls(application: Application, options: argparse.Namespace) -> Result:
    """List slots in natural order, and say how many other objects are in their space.

    With ``--json``, standard output has the list alone, which scripts iterate over; the rest goes to standard error.
    """
    del options
    found = application.bus.list_slots()
    rows = [(slot.name, _when(slot.modified), f"{slot.size / 1e6:.1f} MB") for slot in found.slots]
    data = [{"id": slot.name, "modified": slot.modified, "size": slot.size} for slot in found.slots]
    others = foreign_objects(found.foreign)
    lines = table(rows, ("SLOT", "PUBLISHED", "SIZE")) + ([others] if others else [])
    return Result(data, lines, notes={"foreign": found.foreign, "message": others} if others else {})


def put(application: Application, options: argparse.Namespace) -> Result:
    """Publish files to a slot; what it held before goes to its history."""
    images = read_pictures(options.image, application.settings.limits)
    masks = [read_mask(options.mask, application.settings.limits)] if options.mask else []
    published = application.bus.publish(options.slot, images, masks)
    data = {"id": published.slot, "version": published.token, "frames": len(images)}
    return Result(data, [f"Published {_frames(len(images))} to “{published.slot}”."])


def get(application: Application, options: argparse.Namespace) -> Result:
    """Write a slot's pictures and masks into a folder, under names that are not taken yet."""
    slot = application.bus.load(options.slot)
    options.folder.mkdir(parents=True, exist_ok=True)
    names = [
        *((_file_name(slot.name, number, ""), data) for number, data in enumerate(slot.images)),
        *((_file_name(slot.name, number, ".mask"), data) for number, data in enumerate(slot.masks)),
    ]
    written = [str(_write_new(options.folder / name, data)) for name, data in names]
    return Result({"id": slot.name, "files": written}, written)


def history(application: Application, options: argparse.Namespace) -> Result:
    """List what a slot held before, newest first."""
    versions = application.bus.history(options.slot)
    rows = [
        (each.version, _when(each.created), f"{each.width}×{each.height}", _frames(each.frames), each.origin)
        for each in versions
    ]
    heads = ("VERSION", "PUBLISHED", "SIZE", "FRAMES", "BY")
    return Result([asdict(each) for each in versions], table(rows, heads))


def restore(application: Application, options: argparse.Namespace) -> Result:
    """Publish an old version again; what it replaces goes to the history."""
    published = application.bus.restore(options.slot, options.version)
    data = {"id": published.slot, "version": published.token}
    return Result(data, [f"“{published.slot}” holds {options.version} again. What it held goes to its history."])


def rm(application: Application, options: argparse.Namespace) -> Result:
    """Remove slots, their history included; all names are checked before anything is removed."""
    # All before the first: a typing error in the last name must not cost the slots before it.
    names = [validate_name(name) for name in options.slot]
    missing = [name for name in names if not application.bus.delete(name)]
    if missing:
        raise NotFound(
            f"There is no slot “{'”, “'.join(missing)}”.",
            hint="Any others named are removed. `datasete bus ls` lists the slots.",
        )
    return Result({"removed": names}, [f"Removed “{name}”." for name in names])


def _when(modified: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(modified))


def _frames(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"


def _file_name(slot: str, number: int, kind: str) -> str:
    return f"{slot}{kind}.png" if number == 0 else f"{slot}_{number + 1:04d}{kind}.png"


def _write_new(path: Path, data: bytes) -> Path:
    try:
        # Exclusively: no check beforehand could rule out that another program makes the file in between.
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise InvalidInput(f"{path} exists already.", hint="It was left as it is. Name another folder.") from None
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written: {error.strerror}.", hint="The slot is unharmed. Name another folder."
        ) from error
    return path


def read_pictures(paths: Sequence[Path], limits: LimitSettings) -> list[bytes]:
    """Read each file as a PNG in its upright orientation."""
    from datasete.imaging.png import decode_image, encode_image

    return [_convert_file(path, lambda data: encode_image(decode_image(data, limits)), limits) for path in paths]


def read_mask(path: Path, limits: LimitSettings) -> bytes:
    """Read a file as a mask: a PNG, white is painted."""
    from datasete.imaging.png import decode_mask, encode_mask

    return _convert_file(path, lambda data: encode_mask(decode_mask(data, limits)), limits)


def _convert_file(path: Path, convert: Callable[[bytes], bytes], limits: LimitSettings) -> bytes:
    """Convert one file; an error begins with its name."""
    try:
        # By the size on disk, before anything is read into memory.
        if path.stat().st_size > limits.image_bytes:
            raise TooLarge(f"{path} is larger than {limits.image_bytes:,} bytes.", hint="Nothing was published.")
        return convert(path.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", hint="Nothing was published.") from error
    except InvalidInput as error:
        raise type(error)(f"{path}: {error.message}", hint="Nothing was published.") from error

"""Where a batch's files are: the folder that `directory` names, however it is spelled, and reading its files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from datasete.config import LimitSettings
from datasete.errors import InvalidInput, NotFound, StoreDenied, StoreUnavailable, TooLarge
from datasete.ids import portable_part
from datasete.sidecars.opening import open_regular
from datasete.storage import Storage

_HALF_CHARACTER: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates but those that stand for bytes which are not text: no system has names with them."""

_DRIVE: Final = re.compile("[A-Za-z]:/")


@dataclass(frozen=True)
class Location:
    """A folder.

    Attributes:
        space: the configured space it is in; empty for the local disk.
        path: an absolute local path with links resolved, or the path inside the space without a trailing slash.
        recursive: all folders below it count too (``photos/**``).
    """

    space: str
    path: str
    recursive: bool = False

    @property
    def identity(self) -> str:
        """A text that is the same for every spelling of the same folder."""
        return f"{self.space}:{self.path}" if self.space else os.path.normcase(self.path)

    @property
    def label(self) -> str:
        """The folder's own name, safe to show."""
        return shown(os.path.basename(self.path) or self.space or self.path)  # noqa: PTH119 - keys are no paths


def parse_location(
    text: object, roots: Collection[Path], spaces: Collection[str], linked: Collection[Path] = ()
) -> Location:
    """Return the folder that `text` names. Nothing is read.

    Args:
        text: an absolute path, one relative to one of `roots`, or ``name:sub/path`` in one of `spaces`; with ``/**``
            at its end for all folders below as well.
        roots: where a relative path may be; the first one that has it counts.
        spaces: names of the configured spaces.
        linked: those of `roots` in which links that lead out are followed.

    Raises:
        InvalidInput: no folder is named, or a relative path leads out of its root.
    """
    plain = str(text or "").strip().strip("\"'")
    recursive = plain.replace("\\", "/").endswith("/**") or plain == "**"
    if recursive:  # "/**" alone is the whole disk, and "**" alone the first root
        plain = plain[:-2].rstrip("/\\") or plain[:1].strip("*")
    if not plain and not recursive:
        raise InvalidInput("No folder is named.", hint="Nothing was read. Type a folder into `directory`.")
    if "\0" in plain:
        raise InvalidInput("The folder's name contains a zero byte.", hint="Nothing was read. Type the name again.")
    if _HALF_CHARACTER.search(plain):
        raise InvalidInput(
            f"The folder's name “{shown(plain)}” contains half a character.",
            hint="Nothing was read. Type the name again.",
        )
    space, colon, path = plain.partition(":")
    if colon and space in spaces:
        return Location(space, _key(path), recursive)
    return Location("", _local(plain, roots, linked), recursive)


def shown(name: str) -> str:
    """Return a file name that is safe to show and to send, without control characters and bytes that are not text."""
    text = _HALF_CHARACTER.sub("\ufffd", name).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def subfolder_parts(text: str) -> str:
    """Return a subfolder with ``/`` between its parts, each as every system takes it; "" for none.

    Raises:
        InvalidInput: it is a full path, or leads out of its folder.
    """
    plain = text.replace("\\", "/") if text.strip() else ""
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if plain.startswith("/") or _DRIVE.match(plain) or ".." in parts:
        raise InvalidInput(
            f"The subfolder “{shown(text)}” leads out of the output folder.",
            hint="Nothing was written. Wire the loader's SUBFOLDER, or name a folder below output_directory.",
        )
    return "/".join(map(portable_part, parts))


def _key(path: str) -> str:
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
    if ".." in parts:
        raise InvalidInput(
            f"The folder “{shown(path)}” leads out of its space.", hint="Nothing was read. Name a folder in the space."
        )
    return "/".join(parts)


def _local(text: str, roots: Collection[Path], linked: Collection[Path]) -> str:
    path = Path(os.path.expanduser(text))  # noqa: PTH111 - pathlib raises for users that do not exist
    if path.is_absolute():
        return os.path.realpath(path)
    inside = []
    for root in roots:
        real = below(root, path, follow=root in linked)
        if real is not None:
            inside.append(real)
        elif os.path.lexists(os.path.normpath(root / path)) and within(os.path.normpath(root / path), root):
            raise _link_out(text, root)
    if not inside:
        raise InvalidInput(
            f"The folder “{shown(text)}” leads out of the {' and '.join(root.name for root in roots)} folder"
            f"{'s' * (len(roots) > 1)}.",
            hint="Nothing was read or written. Give its full path.",
        )
    # `os.path.isdir` says no to a name that is too long or no name at all, where pathlib's raises.
    return next((real for real in inside if os.path.isdir(real)), inside[0])  # noqa: PTH112


def below(root: Path, path: Path | str, *, follow: bool) -> str | None:
    """Return the real path of `path` below `root`; None when it leads out, by ``..`` or by a link that may not."""
    real = os.path.realpath(root / path)
    if within(real, root):
        return real
    plain = os.path.normpath(root.absolute() / path)  # a ``..`` behind a link must not lead out either
    return os.path.realpath(plain) if follow and within(plain, root) else None


def _link_out(text: str, root: Path) -> InvalidInput:
    return InvalidInput(
        f"The folder “{shown(text)}” is a link that leads out of the {root.name} folder.",
        hint="Nothing was read or written. Give the path it leads to, or allow such links in paths.follow_links.",
    )


def within(path: str, root: Path) -> bool:
    """Whether an absolute path is `root` or below it, as it is spelled."""
    folders = (os.path.realpath(root), os.path.normpath(root.absolute()))
    return any(path == folder or path.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)


def read_file(storage: Callable[[str], Storage], location: Location, name: str, limits: LimitSettings) -> bytes:
    """Return the bytes of the file `name`, a path below `location`.

    Raises:
        NotFound: the file is gone.
        StoreDenied: the file or the folder may not be read.
        StoreUnavailable: the whole folder is gone, or its store does not answer; the file is not to blame.
        TooLarge: it has more bytes than `limits` allow.
    """
    return _stored(storage, location, name, limits) if location.space else _on_disk(location, name, limits)


def _on_disk(location: Location, name: str, limits: LimitSettings) -> bytes:
    path = Path(location.path, *name.split("/"))
    try:
        with open_regular(path) as file:
            size = os.fstat(
                file.fileno()
            ).st_size  # asked first: a file of many gigabytes must not be read to be refused
            if size > limits.image_bytes:
                raise TooLarge(f"It has {size:,} bytes, and {limits.image_bytes:,} are allowed.")
            return file.read(limits.image_bytes + 1)
    except FileNotFoundError as error:
        if not Path(location.path).is_dir():
            raise StoreUnavailable(
                f"The folder “{shown(location.path)}” is gone.",
                hint="The batch keeps its place. Bring the folder back.",
            ) from error
        raise NotFound("It was removed after the folder was listed.") from error
    except PermissionError as error:
        raise StoreDenied("There is no permission to read it.") from error
    except OSError as error:
        raise StoreDenied(f"It could not be read: {error.strerror or error}.") from error


def _stored(storage: Callable[[str], Storage], location: Location, name: str, limits: LimitSettings) -> bytes:
    blob = storage(location.space).as_found().get(f"{location.path}/{name}" if location.path else name)
    if blob is None:
        raise NotFound("It was removed after the folder was listed.")
    if len(blob.data) > limits.image_bytes:
        raise TooLarge(f"It has {len(blob.data):,} bytes, and {limits.image_bytes:,} are allowed.")
    return blob.data

"""The folders of a workbench: ``input``, ``output``, ``temp`` and ``user`` under a data folder."""

from __future__ import annotations

import contextlib
import errno
import mimetypes
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import platformdirs

from datasete.errors import (
    Conflict,
    DataseteError,
    InvalidInput,
    InvalidName,
    NotFound,
    ReadOnlyFolder,
    StoreError,
    StoreFull,
)
from datasete.storage import DENIED_ERRNOS, FULL_ERRNOS
from datasete.system.moving import replacing

IN_THE_WAY_ERRNOS: Final = frozenset({errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY})
"""A folder in the place of a file, or a file in the place of a folder."""

MAX_PARTS: Final = 100
"""How many folders may be within each other: `Path.mkdir` makes them one within the other, by recursion."""

KINDS = ("input", "output", "temp")


@dataclass(frozen=True)
class Folders:
    """Where the workbench keeps its files; `data` is absolute."""

    data: Path

    @property
    def input(self) -> Path:
        """Photographs and masks that workflows load."""
        return self.data / "input"

    @property
    def output(self) -> Path:
        """What SaveImage writes."""
        return self.data / "output"

    @property
    def temp(self) -> Path:
        """Previews; emptied at every start."""
        return self.data / "temp"

    @property
    def user(self) -> Path:
        """Settings and saved workflows, one folder for each user."""
        return self.data / "user"

    @property
    def userdata(self) -> Path:
        """The folder of the only user."""
        return self.user / "default"

    def prepare(self) -> bool:
        """Create what is missing and empty `temp`; return whether this was the first start."""
        first = not self.input.exists()
        # A preview that another program holds open must not prevent the start.
        shutil.rmtree(self.temp, ignore_errors=True)
        for folder in (self.input, self.output, self.temp, self.userdata / "workflows", self.userdata / "subgraphs"):
            folder.mkdir(parents=True, exist_ok=True)
        return first

    def of(self, kind: str) -> Path:
        """Return the folder that a request or a file name calls `kind`.

        Raises:
            InvalidInput: it is not one of ``input``, ``output`` and ``temp``.
        """
        if kind not in KINDS:
            raise InvalidInput(
                f"No folder is of the type “{kind}”.",
                hint=f"Nothing was read or written. The types are {', '.join(KINDS)}.",
            )
        return {"input": self.input, "output": self.output, "temp": self.temp}[kind]

    def annotated(self, name: str, kind: str = "input") -> Path:
        """Return the path of a file as widgets name it: ``photo.png``, ``sub/photo.png`` or ``photo.png [output]``.

        Raises:
            InvalidInput: the name leaves its folder.
        """
        for candidate in KINDS:
            suffix = f"[{candidate}]"
            if name.endswith(suffix):
                name, kind = name[: -len(suffix)].rstrip(), candidate
        return inside(self.of(kind), name)

    def existing(self, name: str) -> Path:
        """Return the path of a file as widgets name it, which must exist.

        Raises:
            NotFound: it does not exist, or is not a file.
            InvalidInput: the name leaves its folder.
        """
        path = self.annotated(name)
        if not path.is_file():
            raise NotFound(
                f"The file {name} is not in the input folder.", hint="Nothing ran. Choose another, or upload it."
            )
        return path

    def pictures(self) -> list[str]:
        """Return the names of the pictures at the top of the input folder, sorted."""
        with os.scandir(self.input) as entries:
            return sorted(entry.name for entry in entries if entry.is_file() and is_picture(entry.name))


def is_picture(name: str) -> bool:
    """Whether a file name says that the file is a picture."""
    return (mimetypes.guess_type(name)[0] or "").startswith("image/")


def inside(folder: Path, relative: str) -> Path:
    """Return `relative` under `folder`, as an absolute path.

    Raises:
        InvalidInput: it is empty, absolute, or leaves the folder.
    """
    parts = PurePosixPath(relative).parts
    too_deep = len(parts) > MAX_PARTS
    if not parts or too_deep or relative.startswith("/") or any(_is_unsafe(part) for part in parts):
        raise InvalidInput(
            f"The path {relative[:200]!r} cannot be used.",
            hint="Nothing was read or written. Name a file inside the folder.",
        )
    return folder.joinpath(*parts)


def write_file(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a file atomically: a crash or a full disk leaves the old one, or none.

    Args:
        path: where; folders above it are created.
        data: the whole content.
        durable: whether it must survive a power cut; previews need not, and are quicker without.

    Raises:
        StoreFull: the disk has no space left.
        StoreDenied: the folder may not be written to.
        StoreError: it could not be written for another reason.
    """
    with disk_errors(path.name):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as beside, beside.open("xb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())  # before the rename: after a power cut the new name must not hold nothing


@contextlib.contextmanager
def disk_errors(name: str) -> Iterator[None]:
    """Turn what the disk refuses while `name` is written into our errors."""
    try:
        yield
    except OSError as error:
        raise disk_error(name, error) from error


def disk_error(name: str, error: OSError) -> DataseteError:
    """Return our error for what the disk refused."""
    before = "What was there before is unchanged."
    if error.errno in FULL_ERRNOS:
        return StoreFull(f"The disk has no space left for {name}.", hint=f"{before} Free some space.")
    if error.errno in DENIED_ERRNOS:
        hint = f"{before} Check the folder's permissions."
        return ReadOnlyFolder(f"{name} may not be written: {error.strerror}.", hint=hint)
    if error.errno in IN_THE_WAY_ERRNOS:
        hint = f"{before} Choose another name."
        return Conflict(f"{name} could not be written: {error.strerror}.", hint=hint)
    if error.errno == errno.ENAMETOOLONG:
        return InvalidName(f"The name {name[:80]}… is too long for this disk.", hint=f"{before} Shorten it.")
    hint = f"{before} Choose another name or folder."
    return StoreError(f"{name} could not be written: {error.strerror}.", hint=hint)


def _is_unsafe(part: str) -> bool:
    # Judged for all systems: a workflow that was made on one is opened on another. A colon alone leaves the folder on
    # Windows, where it names a drive or a hidden stream.
    if part == ".." or any(char in '\\:*?"<>|' or ord(char) < 32 for char in part):
        return True
    try:
        return len(part.encode()) > 255
    except UnicodeEncodeError:
        return True


def default_data() -> Path:
    """Return the data folder when none is named: under the user's data directory of this platform."""
    return platformdirs.user_data_path(appname="datasete", appauthor=False)

"""Lists folders for somebody who chooses one: below input and output, below what may be written to, and in spaces."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from datasete.batch.folder.listing import natural_order
from datasete.batch.folder.sources import Location, parse_location, shown, within
from datasete.errors import Forbidden, NotFound
from datasete.storage import Storage

MAX_FOLDERS: Final = 500
MAX_KEYS: Final = 50_000
"""How many keys of a space are looked at: a store has no folders, and they are found by listing what is in them."""


def browse(
    text: str,
    roots: Sequence[Path],
    spaces: Collection[str],
    storage: Callable[[str], Storage],
    linked: Collection[Path] = (),
) -> dict[str, Any]:
    """Return the folders of one folder.

    Args:
        text: as a loader's `directory`; empty for the places where one can begin.
        roots: the input folder, the output folder, and others that may be shown.
        spaces: names of the configured spaces.
        storage: opens a space.
        linked: those of `roots` in which links that lead out are followed.

    Returns:
        ``at``; ``up``, what to ask for to go back, None at the top; ``folders``, each with its ``name`` and the
        ``directory`` to ask for or to choose.

    Raises:
        NotFound: the folder does not exist.
        Forbidden: it is in none of the places.
    """
    text = text.strip().replace("\\", "/").removesuffix("/**")
    if not text:
        return {"at": "", "up": None, "folders": _places(roots, spaces)}
    location = parse_location(text, roots[:2], spaces, linked)
    if location.space:
        names = _stored(storage(location.space), location)
        at = f"{location.space}:{location.path}"
        up = at.rpartition("/")[0] or f"{location.space}:" if location.path else ""
        return _answer(at, up, names, "" if at.endswith(":") else "/")
    if Path(text).is_absolute() and not any(within(location.path, root) for root in roots):
        raise Forbidden(
            f"The folder “{shown(text)}” is not among those that can be chosen here.",
            hint="Nothing was read. Type its full path into `directory`, or choose one below input or output.",
        )
    is_top = text == "." or any(os.path.realpath(root) == location.path for root in roots)
    at = "." if text == "." else text.rstrip("/")
    up = "" if is_top else at.rpartition("/")[0] or "."
    return _answer(at, up, _on_disk(location.path), "" if at == "." else "/")


def _answer(at: str, up: str, names: Sequence[str], between: str) -> dict[str, Any]:
    start = "" if at == "." else f"{at}{between}"
    return {"at": at, "up": up, "folders": [{"name": name, "directory": f"{start}{name}"} for name in names]}


def _places(roots: Sequence[Path], spaces: Collection[str]) -> list[dict[str, str]]:
    first, *others = roots
    found = [{"name": first.name, "directory": "."}]
    found += [{"name": shown(root.name or str(root)), "directory": str(root)} for root in others]
    return found + [{"name": space, "directory": f"{space}:"} for space in sorted(spaces)]


def _on_disk(path: str) -> list[str]:
    try:
        with os.scandir(path) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"There is no folder “{shown(path)}”.", hint="Choose another one.") from error
    except PermissionError as error:
        raise Forbidden(f"There is no permission to read “{shown(path)}”.", hint="Choose another one.") from error
    # A name that cannot be decoded, or has characters that cannot be seen, could not be typed into the widget.
    return natural_order(name for name in names if shown(name) == name)[:MAX_FOLDERS]


def _stored(storage: Storage, location: Location) -> list[str]:
    prefix = f"{location.path}/" if location.path else ""

    def folders() -> Iterator[str]:
        for count, entry in enumerate(storage.entries(prefix)):
            name, slash, _ = entry.key.removeprefix(prefix).partition("/")
            if slash and not name.startswith("."):
                yield name
            if count >= MAX_KEYS:
                return

    return natural_order(set(folders()))[:MAX_FOLDERS]

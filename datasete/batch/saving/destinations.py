"""Where savers may write: every check of a folder, without touching it, so that it can be made before a run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from datasete.batch.folder.sources import Location, below, parse_location, shown, subfolder_parts, within
from datasete.batch.saving.reserved import check_unreserved
from datasete.errors import Forbidden, InvalidInput
from datasete.ids import unportable_reason
from datasete.plugin import Space


@dataclass(frozen=True)
class Places:
    """What savers may write to.

    Attributes:
        output: the host's output folder, where relative folders are.
        allowed: further folders.
        spaces: the configured spaces by name.
        follow_links: whether links in `output` that lead out of it are followed.
        portable: whether new folders must have names that every system takes.
    """

    output: Path
    allowed: Sequence[Path] = ()
    spaces: Mapping[str, Space] = field(default_factory=dict)
    follow_links: bool = False
    portable: bool = True


def find_destination(text: str, subfolder: str, places: Places) -> Location:
    """Return the folder that a saver's widgets name. Nothing is created.

    Args:
        text: empty or relative for a folder under the output folder, a full path, or ``name:sub/path`` in a space.
        subfolder: a folder below that one; what some system would refuse in it is replaced.
        places: what may be written to.

    Raises:
        Forbidden: a folder outside, or one that belongs to bus, pools or review.
        InvalidInput: the name cannot be used.
    """
    linked = (places.output,) if places.follow_links else ()
    plain = text.strip() or str(places.output)
    location = parse_location(plain, (places.output,), places.spaces, linked)
    if location.recursive:
        raise InvalidInput("An output folder cannot end with “**”.", hint="Nothing was written. Name one folder.")
    root = None if location.space else _root(location.path, plain, places)
    if places.portable:
        _check_parts(location, root)
    found = _below(location, subfolder_parts(subfolder), follow=places.follow_links)
    check_unreserved(found, places.spaces)
    return found


def _root(path: str, text: str, places: Places) -> str:
    """Return the allowed folder in which `path` is, links resolved."""
    roots = [os.path.realpath(root.expanduser()) for root in (places.output, *places.allowed)]
    root = next((root for root in roots if path == root or path.startswith(root.rstrip(os.sep) + os.sep)), None)
    if root is not None:
        return root
    typed = os.path.expanduser(text.strip("\"'"))  # noqa: PTH111 - pathlib raises for users that do not exist
    spelled = os.path.normpath(places.output.absolute() / typed)
    if places.follow_links and within(spelled, places.output):
        return path
    raise Forbidden(
        f"The folder “{shown(path)}” is outside the folders that Datasete may write to.",
        hint="Nothing was written. Name a folder under the output folder, or add its root to paths.allow_write.",
    )


def _check_parts(location: Location, root: str | None) -> None:
    """Check the names of folders that do not exist yet; those that exist are known to be possible."""
    if root is None:
        parts = location.path.split("/") if location.path else []
    else:
        parts = list(Path(os.path.relpath(location.path, root)).parts)
        while parts and Path(root, parts[0]).is_dir():
            root = str(Path(root, parts.pop(0)))
    for part in parts:
        reason = unportable_reason(part)
        if reason:
            raise InvalidInput(
                f"The folder “{shown(part)}” cannot be used: {reason}.",
                hint='Nothing was written. Choose another name, or set paths.names = "system".',
            )


def _below(location: Location, subfolder: str, *, follow: bool) -> Location:
    if not subfolder:
        return location
    if location.space:
        return replace(location, path=f"{location.path}/{subfolder}" if location.path else subfolder)
    found = below(Path(location.path), subfolder, follow=follow)
    if found is None:
        raise Forbidden(
            f"The subfolder “{shown(subfolder)}” is a link that leads out of the output folder.",
            hint="Nothing was written. Remove the link, name the folder it leads to in output_directory, or allow such "
            "links in paths.follow_links.",
        )
    return replace(location, path=found)

"""Which files of a folder have their result in another one already."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Final

from datasete.batch.folder.sources import Location
from datasete.batch.saving.results import source_id
from datasete.ids import portable_part, same_name

FIRST_FRAME: Final = "_00001"
"""What a saver adds to the first of several pictures."""


def names_with_result(
    names: Sequence[str],
    source: Location,
    results: Location,
    pictures: Sequence[str],
    written: Callable[[str], Collection[str]],
) -> set[str]:
    """Return those of `names` whose result lies in `results`, under any picture's extension.

    A result has the name of its file: in the same subfolder, or at the top where only one file has that name. Under
    another name it counts where a saver of this machine has written it.

    Args:
        names: paths below `source`.
        source: the folder that is walked.
        results: the folder to look in.
        pictures: what is in it and below it.
        written: returns the paths that savers wrote for a file of `source`, by its `source_id`.
    """
    found = list(pictures)
    if results.identity == source.identity or _is_inside(source, results):
        own = {same_name(full_path(source, name)) for name in names}
        found = [name for name in found if same_name(full_path(results, name)) not in own]
    stems = {same_name(_stem(name)) for name in found}
    paths = {same_name(full_path(results, name)) for name in found}
    alone = Counter(same_name(_base(name)) for name in names)

    def has_result(name: str) -> bool:
        wanted = [_mirrored(name)]
        if alone[same_name(_base(name))] == 1:
            wanted.append(_base(name))
        if any(same_name(stem) in stems or same_name(stem + FIRST_FRAME) in stems for stem in wanted):
            return True
        return any(same_name(path) in paths for path in written(source_id(source.space, source.path, name)))

    return {name for name in names if has_result(name)} if found else set()


def full_path(location: Location, name: str) -> str:
    """Return a file's whole path, or ``space:key``."""
    if location.space:
        return f"{location.space}:{location.path}/{name}" if location.path else f"{location.space}:{name}"
    return os.path.join(location.path, *name.split("/"))  # noqa: PTH118 - a name may hold bytes, not text


def _is_inside(inner: Location, outer: Location) -> bool:
    if inner.space != outer.space:
        return False
    return not outer.path or inner.path.startswith(outer.path.rstrip("/" + os.sep) + ("/" if inner.space else os.sep))


def _stem(name: str) -> str:
    folder, slash, base = name.rpartition("/")
    return folder + slash + (base.rpartition(".")[0] or base)


def _base(name: str) -> str:
    return _stem(name).rpartition("/")[2]


def _mirrored(name: str) -> str:
    # A saver writes the folders below as every system takes them.
    *folders, _ = name.split("/")
    return "/".join([*map(portable_part, folders), _base(name)])

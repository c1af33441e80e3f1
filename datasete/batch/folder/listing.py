"""Lists the pictures of a folder in natural order, in a small multiple of the time that listing alone takes."""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from datasete.batch.folder.sources import Location, shown
from datasete.errors import InvalidInput, NotFound, StoreDenied, StoreUnavailable
from datasete.ids import NUMBER, TEXT, TEXT_END, WHOLE_NAME, natural_text, same_name
from datasete.sidecars.kinds import PICTURES, is_litter, is_other_picture
from datasete.sidecars.walk import UNLIMITED, walk
from datasete.storage import Storage

MAX_SHAPES: Final = 500
"""The most different shapes of names for which sort keys are sliced; with more, each name is parsed."""

_DIGITS: Final = re.compile(r"(\d+)")
_OTHER_DIGIT: Final = re.compile(r"(?![0-9])\d")
_ZEROS: Final = str.maketrans("123456789", "000000000")


def natural_order(names: Iterable[str]) -> list[str]:
    """Sort `names` as `datasete.ids.natural_key` does: ``img2`` before ``img10``, letters without case.

    Thousands of names in a folder usually have a handful of shapes (``IMG_0000.jpg``). Names of one shape are in
    natural order when they are in plain order, and keys for several shapes are made by slicing, not by parsing.
    """
    ordered = sorted(names)
    if len(ordered) < 2:
        return ordered
    shapes = _shapes(ordered)
    if shapes is None:
        width = max((len(run) for name in ordered for run in _DIGITS.findall(name)), default=1)
        return sorted(ordered, key=lambda name: natural_text(name, width))
    distinct = set(shapes)
    if len(distinct) == 1:
        return ordered
    return _by_width(ordered, shapes, distinct) or _by_shape(ordered, shapes, distinct)


def shape_of(name: str) -> str:
    """Return a name with its digits as zeros."""
    return name.translate(_ZEROS)


def _shapes(names: Sequence[str]) -> list[str] | None:
    """Each name with its digits as zeros; None when there are digits of other scripts, or too many shapes."""
    joined = "\0".join(names)
    if not joined.isascii() and _OTHER_DIGIT.search(joined):
        return None
    shapes = shape_of(joined).split("\0")
    return shapes if len(set(shapes)) <= MAX_SHAPES else None


def _by_width(names: list[str], shapes: list[str], distinct: set[str]) -> list[str] | None:
    """The common case ``IMG_1 … IMG_999``: one number without leading zeros, so that shorter means smaller."""
    if len({_DIGITS.sub("0", shape) for shape in distinct}) > 1 or len(_DIGITS.findall(shapes[0])) != 1:
        return None
    groups: dict[str, list[str]] = {shape: [] for shape in sorted(distinct, key=len)}
    for shape, name in zip(shapes, names, strict=True):
        groups[shape].append(name)
    at = shapes[0].index("0")
    narrowest = next(iter(groups))
    # "01" and "1" are the same number: with leading zeros, wider is not larger.
    if any(group[0][at] == "0" for shape, group in groups.items() if shape != narrowest):
        return None
    return [name for group in groups.values() for name in group]


def _by_shape(names: list[str], shapes: list[str], distinct: set[str]) -> list[str]:
    width = max(len(run) for shape in distinct for run in [*_DIGITS.findall(shape), ""])
    recipes = {shape: _recipe(shape, width) for shape in distinct}
    # The names are in plain order already, and sorting is stable: equal keys keep that order.
    keys = [_apply(recipes[shape], name) for shape, name in zip(shapes, names, strict=True)]
    return [names[index] for index in sorted(range(len(names)), key=keys.__getitem__)]


Recipe = tuple[tuple[str, int, int], ...]
"""Constant texts, each with the slice of the name that follows it."""


def _recipe(shape: str, width: int) -> Recipe:
    steps: list[tuple[str, int, int]] = []
    constant = ""
    at = 0
    for part in _DIGITS.split(shape):
        if part.isdecimal():
            steps.append((constant + NUMBER + "0" * (width - len(part)), at, at + len(part)))
            constant = ""
        elif part:
            constant += f"{TEXT}{same_name(part)}{TEXT_END}"
        at += len(part)
    return (*steps, (constant + WHOLE_NAME, 0, 0))


def _apply(recipe: Recipe, name: str) -> str:
    if len(recipe) == 2:  # one run of digits, by far the most common
        (before, start, stop), (after, _, _) = recipe
        return f"{before}{name[start:stop]}{after}"
    return "".join([text + name[start:stop] for text, start, stop in recipe])


ALL_IMAGES: Final = "All Images"
PRESETS: Final = {
    ALL_IMAGES: ",".join(f"*.{suffix}" for suffix in PICTURES),
    "PNG Only": "*.png",
    "JPG Only": "*.jpg,*.jpeg",
}
"""What each `filter_preset` matches; ``Custom`` uses the pattern field."""

CUSTOM: Final = "Custom"
_FIRST_IMAGES: Final = "*.bmp,*.gif,*.jpeg,*.jpg,*.png,*.tif,*.tiff,*.webp"
"""What `ALL_IMAGES` matched at first. It stays that filter's identity, so that batches of then are found again."""

_SUFFIX = re.compile(r"\*(\.[^*?\[\]/]+)")


@dataclass(frozen=True)
class Filter:
    """Which files count.

    Attributes:
        patterns: shell patterns, compared without case; one with a ``/`` is matched against the path below the
            folder, any other against the file's own name.
        depth: how many levels of folders below count; −1 for all.
        preset: the preset that it was made from; "" for a custom one.
    """

    patterns: tuple[str, ...]
    depth: int = 0
    preset: str = ""

    @property
    def identity(self) -> str:
        """A text that is the same for filters that match the same files, whatever the order of their patterns."""
        patterns = _FIRST_IMAGES if self.preset == ALL_IMAGES else ",".join(sorted(self.patterns))
        return f"{patterns}|{self.depth}"

    @property
    def label(self) -> str:
        """What people call it."""
        return f"*.png,*.jpg,… ({ALL_IMAGES})" if self.preset == ALL_IMAGES else ",".join(self.patterns)


@dataclass(frozen=True)
class Listed:
    """The files of a folder.

    Attributes:
        names: those that count, in natural order, as paths below the folder with ``/`` between parts.
        unread: how many others would count if they could be read: pictures in other formats, links to nothing, pipes,
            and folders that may not be entered.
    """

    names: list[str]
    unread: int = 0


def make_filter(preset: str, custom: str = "", *, recursive: bool = False) -> Filter:
    """Return the filter that a loader's widgets describe. A custom pattern with ``**/`` includes all folders below.

    Raises:
        InvalidInput: an unknown preset, or no pattern.
    """
    if preset != CUSTOM and preset not in PRESETS:
        raise InvalidInput(
            f"There is no filter “{shown(str(preset))}”.", hint=f"Nothing was read. Choose from {', '.join(PRESETS)}."
        )
    text = PRESETS.get(preset, custom or "")
    patterns = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    if not patterns:
        raise InvalidInput("The custom pattern is empty.", hint="Nothing was read. Write patterns such as *.png,*.jpg.")
    deep = recursive or any(pattern.startswith("**/") for pattern in patterns)
    shown_preset = "" if preset == CUSTOM else preset
    return Filter(tuple(pattern.removeprefix("**/") for pattern in patterns), UNLIMITED if deep else 0, shown_preset)


def list_names(location: Location, chosen: Filter, storage: Storage | None = None) -> list[str]:
    """List the matching files of a folder, as `list_folder` does."""
    return list_folder(location, chosen, storage).names


def list_folder(location: Location, chosen: Filter, storage: Storage | None = None) -> Listed:
    """List the matching files of a folder, and count what would match if it could be read.

    Names that are not valid text come back with surrogates, as `os.fsdecode` makes them, and lead to their files.
    Litter (hidden files, recycle bins, what is unfinished) does not count. Links to folders are not followed.

    Raises:
        NotFound: the folder does not exist.
        InvalidInput: it is a file.
        StoreDenied: it may not be read.
    """
    unread = _Unread(_matcher(chosen), others=chosen.preset == ALL_IMAGES)
    if storage is not None:
        return Listed(natural_order(_stored(storage, location, chosen, unread)), unread.count)
    try:
        names = natural_order(walk(location.path, chosen.depth, unread.matches, unread.leave_out))
    except FileNotFoundError as error:
        raise NotFound(
            f"There is no folder “{shown(location.path)}”.", hint="The batch keeps its place. Check the folder's name."
        ) from error
    except NotADirectoryError as error:
        raise InvalidInput(
            f"“{shown(location.path)}” is a file, not a folder.",
            hint="The batch keeps its place. Name the folder it is in.",
        ) from error
    except PermissionError as error:
        raise StoreDenied(
            f"There is no permission to read the folder “{shown(location.path)}”.",
            hint="The batch keeps its place. Check the folder's permissions.",
        ) from error
    except OSError as error:
        raise StoreUnavailable(
            f"The folder “{shown(location.path)}” could not be read: {error.strerror or error}.",
            hint="The batch keeps its place. Try again.",
        ) from error
    return Listed(names, unread.count)


class _Unread:
    """Counts what cannot be read. With `others`, that includes pictures in formats that are not read."""

    def __init__(self, matches: Callable[[str], bool], *, others: bool) -> None:
        self.count = 0
        self._matches = matches
        self._others = others

    def matches(self, path: str) -> bool:
        if self._matches(path):
            return True
        if self._others and is_other_picture(path) and not is_litter(path):
            self.count += 1
        return False

    def leave_out(self, _: str) -> None:
        self.count += 1


def _stored(storage: Storage, location: Location, chosen: Filter, unread: _Unread) -> Iterator[str]:
    prefix = f"{location.path}/" if location.path else ""
    names = (entry.key.removeprefix(prefix) for entry in storage.as_found().entries(prefix))
    near = (name for name in names if chosen.depth < 0 or name.count("/") <= chosen.depth)
    return (name for name in near if unread.matches(name) and not is_litter(name))


def _matcher(chosen: Filter) -> Callable[[str], bool]:
    # Every preset is a list of suffixes. str.endswith takes them all at once, several times quicker than a pattern.
    suffixes = [_SUFFIX.fullmatch(pattern) for pattern in chosen.patterns]
    if all(suffixes):
        endings = tuple(match.group(1) for match in suffixes if match)
        if all(map(str.isascii, endings)):
            return lambda path: path.lower().endswith(endings)
    own = _compiled(pattern for pattern in chosen.patterns if "/" not in pattern)
    whole = _compiled(pattern for pattern in chosen.patterns if "/" in pattern)

    def matches(path: str) -> bool:
        lower = _composed(path.lower())
        return bool(own(lower.rpartition("/")[2]) or whole(lower))

    return matches


def _composed(text: str) -> str:
    """Return a text in the Unicode form in which patterns and names are compared."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _compiled(patterns: Iterator[str]) -> Callable[[str], object]:
    text = "|".join(fnmatch.translate(_composed(pattern)) for pattern in patterns)
    return re.compile(text or r"(?!)").match

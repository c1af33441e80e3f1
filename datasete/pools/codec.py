"""Manifests as JSON and back.

A manifest that cannot be understood is refused as a whole, so that no guess ever overwrites it. Pictures are encoded in
cached blocks: editing one picture among thousands encodes one block again. In JSON the pictures are called ``slots``,
as the earlier pack wrote them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from datasete.errors import CorruptData
from datasete.pools.layout import is_file_name, number_of
from datasete.pools.manifest import Manifest, Picture, Removed, dump

BLOCK_PICTURES: Final = 256
SEPARATOR: Final = b",\n"


@dataclass(frozen=True)
class Block:
    """Consecutive pictures and their encoded lines."""

    pictures: tuple[Picture, ...]
    lines: bytes


def blocks_of(pictures: tuple[Picture, ...], known: Iterable[Block] = ()) -> tuple[Block, ...]:
    """Divide pictures into blocks; blocks of `known` that hold equal pictures at the same position are reused."""
    kept = iter(known)
    parts = (pictures[start : start + BLOCK_PICTURES] for start in range(0, len(pictures), BLOCK_PICTURES))
    return tuple([_block(part, next(kept, None)) for part in parts])


def _block(pictures: tuple[Picture, ...], known: Block | None) -> Block:
    # Cheap: tuples compare their items by identity first, and an edit leaves nearly all of them the same objects.
    if known and known.pictures == pictures:
        return known
    return Block(pictures, SEPARATOR.join([picture.line for picture in pictures]))


T = TypeVar("T")

MAX_MANIFEST_BYTES: Final = 64_000_000
MAX_DEPTH: Final = 50  # far below the recursion limits of JSON parsers, also of other programs
MAX_NUMBER: Final = 2**53  # beyond it, numbers are no longer exact in browsers
_OWN_KEYS: Final = ("active", "next_seq", "revision", "operations", "slots", "trash")
_PICTURE_KEYS: Final = frozenset({"image", "mask", "label", "added"})


class Malformed(ValueError):
    """Why bytes are not a manifest; completes the sentence “its manifest …”."""


def encode(manifest: Manifest, blocks: tuple[Block, ...] | None = None) -> bytes:
    """Write one picture a line, so that people can read it and a torn copy can be repaired.

    `blocks` are those of its pictures, where the caller has them.
    """
    head = {
        "active": manifest.active,
        "next_seq": manifest.next_seq,
        "revision": manifest.revision,
        "operations": list(manifest.operations),
        **manifest.rest,
    }
    found = blocks_of(manifest.pictures) if blocks is None else blocks
    pictures = [part for block in found for part in (block.lines, SEPARATOR)][:-1]
    trash = SEPARATOR.join([removed.line for removed in manifest.trash])
    # Joined once: appending piece by piece would copy a large manifest again and again.
    return b"".join([dump(head)[:-1], b',\n"slots":[\n', *pictures, b'\n],\n"trash":[\n', trash, b"\n]}\n"])


def decode(data: bytes, pool_id: str) -> Manifest:
    """Decode a manifest.

    Raises:
        CorruptData: the bytes are not a manifest. The file is left as it is.
    """
    try:
        return parse(load_json(data))
    except Malformed as reason:
        raise CorruptData(
            f"The pool “{pool_id}” cannot be read: its manifest {reason}.",
            hint="Nothing was changed, and its pictures are unharmed. Rebuild it from its files; the old manifest is "
            "kept beside the new one.",
        ) from reason


def load_json(data: bytes) -> object:
    """Decode JSON of a bounded size.

    Raises:
        Malformed: it is not JSON, nested too deeply, or holds NaN or an infinity.
    """
    if len(data) > MAX_MANIFEST_BYTES:
        raise Malformed(f"has {len(data):,} bytes, and at most {MAX_MANIFEST_BYTES:,} are read")
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Malformed("is not valid JSON") from error


def load_lines(data: bytes) -> Iterator[object]:
    """What can still be read of a torn document: the lines that are JSON by themselves. We write one entry a line."""
    for line in data.decode("utf-8", "replace").splitlines():
        with suppress(Malformed):
            yield load_json(line.strip().rstrip(",").encode())


def is_readable(decoding: Callable[[], object]) -> bool:
    """Whether stored bytes can be decoded. Then nothing may be rebuilt, because a rebuild could only lose something."""
    try:
        decoding()
    except CorruptData:
        return False
    return True


def parse(document: object) -> Manifest:
    """Check a decoded manifest.

    Raises:
        Malformed: with the reason.
    """
    if not isinstance(document, dict):
        raise Malformed("is not a JSON object")
    pictures = tuple([parse_picture(entry) for entry in list_field(document, "slots", missing_is_fine=False)])
    trash = tuple([_removed(entry) for entry in list_field(document, "trash")])
    _check_unique(pictures, trash)
    everything = [*pictures, *(removed.picture for removed in trash)]
    return Manifest(
        pictures=pictures,
        active=integer_field(document, "active", 0, least=-MAX_NUMBER),
        next_seq=max(integer_field(document, "next_seq", 1), next_number(everything)),
        revision=integer_field(document, "revision", 0),
        operations=tuple(_text(operation, "operation") for operation in list_field(document, "operations")),
        trash=trash,
        rest=check_storable({key: value for key, value in document.items() if key not in _OWN_KEYS}),
    )


def parse_picture(entry: object) -> Picture:
    """Check one picture.

    Raises:
        Malformed: with the reason.
    """
    if not isinstance(entry, dict):
        raise Malformed("has a slot that is not an object")
    image, mask, label = entry.get("image"), entry.get("mask") or None, entry.get("label")
    if not isinstance(image, str) or not is_file_name(image):
        raise Malformed(f"names a picture {_quoted(image)}, which cannot be a file of the pool")
    if mask is not None and not is_file_name(mask):
        raise Malformed(f"names a mask {_quoted(mask)}, which cannot be a file of the pool")
    if not isinstance(label, str | None):
        raise Malformed("has a label that is not text")
    rest = {key: value for key, value in entry.items() if key not in _PICTURE_KEYS}
    return Picture(image, mask, label or "", check_storable(entry.get("added", 0)), check_storable(rest))


def next_number(pictures: Iterable[Picture]) -> int:
    """The first number after those of all file names."""
    return 1 + max((number_of(name) or 0 for picture in pictures for name in picture.files), default=0)


def _removed(entry: object) -> Removed:
    if not isinstance(entry, dict):
        raise Malformed("has something in its trash that is not an object")
    heir = entry.get("heir")
    if heir is not None:
        heir = _text(heir, "heir")
    removed = entry.get("removed")
    if isinstance(removed, bool) or not isinstance(removed, int | float) or abs(removed) > MAX_NUMBER:
        raise Malformed("has something in its trash without a time")
    index, operation = integer_field(entry, "index", 0), _text(entry.get("operation"), "operation")
    return Removed(parse_picture(entry.get("slot")), index, float(removed), operation, heir)


def _check_unique(pictures: tuple[Picture, ...], trash: tuple[Removed, ...]) -> None:
    seen: set[str] = set()
    for picture in (*pictures, *(removed.picture for removed in trash)):
        if picture.image in seen:
            raise Malformed(f"names the picture “{picture.image}” twice")
        seen.add(picture.image)


def list_field(document: Mapping[str, Any], key: str, *, missing_is_fine: bool = True) -> list[Any]:
    """A list in a document.

    Raises:
        Malformed: it is something else, or missing where it must not be.
    """
    value = document.get(key, [] if missing_is_fine else None)
    if not isinstance(value, list):
        raise Malformed(f"has no list of {key}")
    return value


def integer_field(document: Mapping[str, Any], key: str, missing: int, least: int = 0) -> int:
    """A whole number in a document; `missing` when it is not there.

    Raises:
        Malformed: it is not a whole number, or out of range.
    """
    value = document.get(key, missing)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_NUMBER:
        raise Malformed(f"has a {key} that is not a whole number in range")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise Malformed(f"has an {what} that is not text")
    return value


def check_storable(value: T, depth: int = 0) -> T:
    """Return another program's value if it can be written again, because every edit must preserve it.

    Raises:
        Malformed: it is nested too deeply.
    """
    if depth > MAX_DEPTH:
        raise Malformed("is nested too deeply")
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            check_storable(inner, depth + 1)
    elif not isinstance(value, str | int | float | None) or (isinstance(value, float) and not math.isfinite(value)):
        raise Malformed("holds a value that is not JSON")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _quoted(value: object) -> str:
    return f"{value!r:.60}" if isinstance(value, str) else "that is not text"


def _refuse_constant(constant: str) -> object:
    raise ValueError(constant)

"""Reads requests about pools: which pool, which picture, which page, and files as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, Final

from aiohttp import BodyPartReader, web

from datasete.application import Application
from datasete.errors import Conflict, DataseteError, InvalidInput, TooLarge
from datasete.server.requests import MAX_FIELD_BYTES, PLAIN_ENCODINGS, Fields, text_field

MAX_BODY_BYTES: Final = 8_000_000
"""Bytes of a JSON body: enough for the order of a hundred thousand pictures."""

CHUNK_BYTES: Final = 1 << 18
MAX_PAGE_SIZE: Final = 100_000


def pool_id_of(fields: Fields) -> str:
    """Return the id of the pool that is meant.

    Raises:
        InvalidInput: none is named.
    """
    pool_id = text_field(fields, "pool_id", "")
    if not pool_id:
        raise InvalidInput(
            "The request does not say which pool is meant.", hint="Nothing was changed. Send its pool_id."
        )
    return pool_id


def operation_of(fields: Fields) -> str | None:
    """Return the id under which a repeated request counts once, or None."""
    return text_field(fields, "operation", "") or None


def since_of(fields: Fields) -> str:
    """Return the version that the page knows, when it asks only for what has changed since; else ""."""
    return text_field(fields, "since", "")


def image_of(application: Application, fields: Fields) -> str:
    """Return the name of the picture that is meant: by ``image``, or by ``index`` in the pool as it is now.

    Raises:
        InvalidInput: neither is given.
        NotFound: the pool has no picture at this index.
        Conflict: ``revision`` is given and the pool has changed since.
    """
    image = text_field(fields, "image", "")
    if image:
        return image
    if "index" not in fields:
        raise InvalidInput(
            "The request does not say which picture is meant.",
            hint="Nothing was changed. Send its index or its image name.",
        )
    check_revision(application, fields)
    return application.pools.name_at(pool_id_of(fields), whole_number(fields["index"], "index"))


def check_revision(application: Application, fields: Fields) -> None:
    """Check that indices mean the pictures that the browser shows, when it says of which revision.

    Raises:
        Conflict: the pool has changed since.
    """
    if "revision" not in fields:
        return
    if application.pools.manifest(pool_id_of(fields)).revision != whole_number(fields["revision"], "revision"):
        raise Conflict("The pool was changed meanwhile.", hint="Nothing was changed here. Refresh it, then try again.")


def whole_number(value: object, what: str) -> int:
    """Return a number from JSON or from a form.

    Raises:
        InvalidInput: it is not a whole number.
    """
    # Bounded, as int() takes seconds for a million digits.
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdecimal() and len(value) < 16:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput(f"The {what} must be a whole number.", hint="Nothing was changed.")
    return value


def number_list(fields: Fields, name: str) -> list[int]:
    """Return a field that is a list of whole numbers.

    Raises:
        InvalidInput: it is anything else.
    """
    return [whole_number(value, name) for value in _list(fields, name)]


def text_list(fields: Fields, name: str) -> list[str]:
    """Return a field that is a list of texts.

    Raises:
        InvalidInput: it is anything else.
    """
    values = _list(fields, name)
    if not all(isinstance(value, str) for value in values):
        raise InvalidInput(f"The field “{name}” must be a list of names.", hint="Nothing was changed.")
    return values


def page_of(request: web.Request) -> tuple[int, int | None]:
    """Return ``offset`` and ``limit`` of a query.

    Raises:
        InvalidInput: they are not whole numbers from 0 on.
    """
    offset, limit = (request.query.get(name, "") for name in ("offset", "limit"))
    for text in (offset, limit):
        if text and not (text.isascii() and text.isdecimal() and len(text) <= 9):
            raise InvalidInput("offset and limit are whole numbers from 0 on.", hint="Nothing was changed.")
    return int(offset or 0), min(int(limit), MAX_PAGE_SIZE) if limit else None


async def read_parts(request: web.Request, max_parts: int) -> AsyncIterator[BodyPartReader]:
    """Yield the parts of a multipart form, one after the other.

    Raises:
        InvalidInput: it is something else, or broken, or has more than `max_parts` parts.
    """
    if request.content_type != "multipart/form-data":
        raise InvalidInput("Files are sent as a multipart form, and this is none.", hint="Nothing was changed.")
    with _translated_errors():
        reader = await request.multipart()
    for _ in range(max_parts):
        with _translated_errors():
            part = await reader.next()
        if part is None:
            return
        encoding = part.headers.get("Content-Transfer-Encoding", "binary")
        # Browsers never compress a part, and a compressed one could grow to any size while it is decoded.
        packed = "Content-Encoding" in part.headers or encoding not in PLAIN_ENCODINGS
        if not isinstance(part, BodyPartReader) or not part.name or packed:
            raise InvalidInput(
                "The form holds a part without a name, or a compressed one.", hint="Nothing was changed."
            )
        yield part
    raise InvalidInput(f"The form holds more than {max_parts} parts.", hint="Nothing was changed. Send fewer at once.")


async def read_text(part: BodyPartReader) -> str:
    """Read a part of a multipart form that holds no file.

    Raises:
        InvalidInput: it is not text.
        TooLarge: it is far too long.
    """
    data = await read_file(part, MAX_FIELD_BYTES)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The field “{part.name}” is not text.", hint="Nothing was changed.") from error


async def read_chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    """Yield a part in chunks, as it arrives.

    Raises:
        InvalidInput: it is cut off.
    """
    while True:
        with _translated_errors():
            chunk = await part.read_chunk(CHUNK_BYTES)
        if not chunk:
            return
        yield chunk


async def read_file(part: BodyPartReader, limit: int) -> bytes:
    """Read a file of a multipart form. One that is too large is read to its end and dropped, so that more may follow.

    Raises:
        TooLarge: over `limit` bytes.
    """
    data, size = bytearray(), 0
    async for chunk in read_chunks(part):
        size += len(chunk)
        if size <= limit:
            data += chunk
    if size > limit:
        raise TooLarge(
            f"The file has {size / 1e6:,.1f} MB, and at most {limit / 1e6:,.1f} MB are allowed.",
            hint="It was not kept. Make it smaller, or raise limits.image_bytes in the configuration.",
        )
    return bytes(data)


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except (DataseteError, web.HTTPException, ConnectionError):
        raise
    except Exception as error:  # aiohttp's parser raises a dozen kinds for broken input
        raise InvalidInput("The form cannot be read.", hint="Nothing was changed.") from error


def _list(fields: Fields, name: str) -> list[Any]:
    value = fields.get(name)
    if not isinstance(value, list):
        raise InvalidInput(f"The field “{name}” must be a list.", hint="Nothing was changed.")
    return value

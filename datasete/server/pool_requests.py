"""What requests about pools say: which pool, which picture, which page, and files read as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, Final

from aiohttp import BodyPartReader, web

from datasete.application import Application
from datasete.errors import Conflict, DataseteError, InvalidInput, TooLarge
from datasete.server.requests import PLAIN, SMALL, Fields, read_fields, text_field

BODY: Final = 8_000_000
"""Bytes of a JSON body: an order of a hundred thousand pictures."""

CHUNK: Final = 1 << 18
MAX_PAGE: Final = 100_000


async def read_json(request: web.Request) -> Fields:
    """The fields of a request that holds no file."""
    return await read_fields(request, body_limit=BODY)


def pool_of(fields: Fields) -> str:
    """The pool's id.

    Raises:
        InvalidInput: there is none.
    """
    pool_id = text_field(fields, "pool_id", "")
    if not pool_id:
        raise InvalidInput("The request does not say which pool is meant.", hint="Send its pool_id.")
    return pool_id


def operation_of(fields: Fields) -> str | None:
    """The id under which a repeated request counts once, or None."""
    return text_field(fields, "operation", "") or None


def since_of(fields: Fields) -> str:
    """The version that the page knows, when it wants to be told only what has changed; else ""."""
    return text_field(fields, "since", "")


def image_of(application: Application, fields: Fields) -> str:
    """The name of the picture that is meant: by ``image``, or by ``index`` in the pool as it is now.

    Raises:
        InvalidInput: it says neither.
        NotFound: there is no picture at this index.
        Conflict: ``revision`` is given and the pool has changed since.
    """
    image = text_field(fields, "image", "")
    if image:
        return image
    if "index" not in fields:
        raise InvalidInput("The request does not say which picture is meant.", hint="Send its index or its image name.")
    check_revision(application, fields)
    return application.pools.name_at(pool_of(fields), whole_number(fields["index"], "index"))


def check_revision(application: Application, fields: Fields) -> None:
    """Indices mean pictures of the revision that the browser shows, when it says which.

    Raises:
        Conflict: the pool has changed since.
    """
    if "revision" not in fields:
        return
    if application.pools.manifest(pool_of(fields)).revision != whole_number(fields["revision"], "revision"):
        raise Conflict("The pool was changed meanwhile.", hint="Nothing was changed here. Refresh it, then try again.")


def whole_number(value: object, what: str) -> int:
    """A number from JSON or from a form.

    Raises:
        InvalidInput: it is none.
    """
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdecimal() and len(value) < 16:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput(f"The {what} must be a whole number.", hint="Nothing was changed.")
    return value


def numbers(fields: Fields, name: str) -> list[int]:
    """A list of whole numbers.

    Raises:
        InvalidInput: it is none.
    """
    return [whole_number(value, name) for value in _list(fields, name)]


def texts(fields: Fields, name: str) -> list[str]:
    """A list of texts.

    Raises:
        InvalidInput: it is none.
    """
    values = _list(fields, name)
    if not all(isinstance(value, str) for value in values):
        raise InvalidInput(f"The field “{name}” must be a list of names.", hint="Nothing was changed.")
    return values


def page_of(request: web.Request) -> tuple[int, int | None]:
    """``offset`` and ``limit`` of a query.

    Raises:
        InvalidInput: they are no numbers from 0 on.
    """
    offset, limit = (request.query.get(name, "") for name in ("offset", "limit"))
    for text in (offset, limit):
        if text and not (text.isascii() and text.isdecimal() and len(text) <= 9):
            raise InvalidInput("offset and limit are whole numbers from 0 on.")
    return int(offset or 0), min(int(limit), MAX_PAGE) if limit else None


async def parts_of(request: web.Request, most: int) -> AsyncIterator[BodyPartReader]:
    """The parts of a multipart form, one after the other.

    Raises:
        InvalidInput: it is none, or broken, or has more than `most` parts.
    """
    if request.content_type != "multipart/form-data":
        raise InvalidInput("Files come as a multipart form.", hint="Nothing was changed.")
    with _readable():
        reader = await request.multipart()
    for _ in range(most):
        with _readable():
            part = await reader.next()
        if part is None:
            return
        encoding = part.headers.get("Content-Transfer-Encoding", "binary")
        packed = "Content-Encoding" in part.headers or encoding not in PLAIN
        if not isinstance(part, BodyPartReader) or not part.name or packed:
            raise InvalidInput("The form holds a part without a name, or a packed one.", hint="Nothing was changed.")
        yield part
    raise InvalidInput(f"The form holds more than {most} parts.", hint="Nothing was changed. Send fewer at once.")


async def read_text(part: BodyPartReader) -> str:
    """A field of a multipart form that holds no file.

    Raises:
        InvalidInput: it is no text.
        TooLarge: it is far too long.
    """
    data = await read_file(part, SMALL)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The field “{part.name}” is not text.", hint="Nothing was changed.") from error


async def chunks_of(part: BodyPartReader) -> AsyncIterator[bytes]:
    """A part as it comes.

    Raises:
        InvalidInput: it is cut off.
    """
    while True:
        with _readable():
            chunk = await part.read_chunk(CHUNK)
        if not chunk:
            return
        yield chunk


async def read_file(part: BodyPartReader, limit: int) -> bytes:
    """A file of a multipart form. One that is too large is read to its end and not kept, so that more may follow.

    Raises:
        TooLarge: over `limit` bytes.
    """
    data, size = bytearray(), 0
    async for chunk in chunks_of(part):
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
def _readable() -> Iterator[None]:
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

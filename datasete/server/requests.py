"""Request bodies: JSON or a form, read as a stream and never further than they are allowed to go."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from datasete.errors import DataseteError, InvalidInput, TooLarge, UnsupportedType

SMALL: Final = 64 * 1024
"""Bytes of a body, or a form's field, that holds no file."""

MAX_PARTS: Final = 64
CHUNK: Final = 64 * 1024
PLAIN: Final = frozenset({"binary", "7bit", "8bit"})

Fields = dict[str, Any]
"""Fields by name: decoded JSON values, text from a form, bytes from a form's files. The first of a name counts."""


async def read_fields(request: web.Request, *, file_limit: int = SMALL, body_limit: int = SMALL) -> Fields:
    """Read a JSON object, an URL-encoded form or a multipart form.

    Args:
        request: its body is read here, in chunks.
        file_limit: bytes that all parts of a multipart form may have together.
        body_limit: bytes of a JSON object.

    Raises:
        InvalidInput: broken, or not an object.
        TooLarge: over the limit; the rest was not read.
        UnsupportedType: neither JSON nor a form.
    """
    try:
        if request.content_type == "application/json":
            return _object(json.loads(await _bounded(request, body_limit)))
        if request.content_type == "application/x-www-form-urlencoded":
            return _form((await _bounded(request)).decode("utf-8"))
        if request.content_type == "multipart/form-data":
            return await _multipart(request, file_limit)
    except (DataseteError, web.HTTPException):
        raise
    except Exception as error:  # aiohttp's parser and the decoders raise a dozen kinds for broken input
        raise InvalidInput("The request's body cannot be read.", hint="Nothing was changed.") from error
    raise UnsupportedType(
        f"A body of type {request.content_type[:60]} is not read here.", hint="Send a form or application/json."
    )


def text_field(fields: Fields, name: str, default: str | None = None) -> str:
    """A field as text.

    Raises:
        InvalidInput: it is missing and has no default, or is neither text nor a whole number.
    """
    value = fields.get(name, default)
    if isinstance(value, bytes):
        value = _text(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise InvalidInput(f"The field “{name}” must be text.", hint="Nothing was changed.")
    return value


def file_field(fields: Fields, name: str) -> bytes:
    """An uploaded file's bytes.

    Raises:
        InvalidInput: there is none, or it is empty.
    """
    value = fields.get(name)
    if not isinstance(value, bytes) or not value:
        raise InvalidInput(f"The file “{name}” is missing.", hint="Send it as a part of a multipart form.")
    return value


async def _bounded(request: web.Request, limit: int = SMALL) -> bytes:
    data = bytearray()
    async for chunk in request.content.iter_chunked(CHUNK):
        data += chunk
        _check_size(len(data), limit)
    return bytes(data)


def _object(value: object) -> Fields:
    if not isinstance(value, dict):
        raise InvalidInput("The request's body must be a JSON object.", hint="Nothing was changed.")
    return value


def _form(body: str) -> Fields:
    pairs = parse_qsl(
        body, keep_blank_values=True, strict_parsing=bool(body), errors="strict", max_num_fields=MAX_PARTS
    )
    return dict(reversed(pairs))


async def _multipart(request: web.Request, limit: int) -> Fields:
    fields: Fields = {}
    size = parts = 0
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        parts += 1
        if not isinstance(part, BodyPartReader) or not part.name or parts > MAX_PARTS:
            raise InvalidInput(
                "The form holds a part without a name, or too many of them.", hint="Nothing was changed."
            )
        data = await _part(part, limit - size if part.filename else min(SMALL, limit - size))
        size += len(data)
        fields.setdefault(part.name, data if part.filename else _text(data))
    return fields


async def _part(part: BodyPartReader, limit: int) -> bytes:
    # No browser packs a part, and a packed one could unpack to any size.
    if "Content-Encoding" in part.headers or part.headers.get("Content-Transfer-Encoding", "binary") not in PLAIN:
        raise InvalidInput("The form holds a part that is packed or encoded.", hint="Send it as it is.")
    data = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        data += chunk
        _check_size(len(data), limit)
    return bytes(data)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput("A field of the form is not text.", hint="Nothing was changed.") from error


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise TooLarge(f"The request's body is over the limit of {limit:,} bytes.", hint="Nothing was changed.")

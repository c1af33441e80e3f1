"""Reads requests: their bodies, as a stream and never beyond a limit; and runs what blocks in threads."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from datasete.application import Application
from datasete.errors import DataseteError, InvalidInput, TooLarge, UnsupportedType
from datasete.tasks.workers import FOLDERS, LEDGER, Bulkheads, Workers

MAX_FIELD_BYTES: Final = 64 * 1024
"""Bytes of a body, or of a form's field, that holds no file."""

MAX_PARTS: Final = 64
CHUNK_BYTES: Final = 64 * 1024
PLAIN_ENCODINGS: Final = frozenset({"binary", "7bit", "8bit"})

T = TypeVar("T")

Fields: TypeAlias = dict[str, Any]
"""Fields by name: decoded JSON values, text from a form, bytes from a form's files. The first of a name counts."""

Service: TypeAlias = Callable[[web.Request, Application], Awaitable[web.StreamResponse]]
"""What answers a route."""


Place: TypeAlias = Callable[[Bulkheads], Workers]
"""Chooses the threads for a call, by what may hold it up."""


def in_space(name: str) -> Place:
    """The threads for calls into a space."""
    return lambda workers: workers.space(name)


def on_ledger(workers: Bulkheads) -> Workers:
    """The threads that read and change batches."""
    return workers.of(LEDGER)


def on_folders(workers: Bulkheads) -> Workers:
    """The threads that look at folders which widgets name."""
    return workers.of(FOLDERS)


def threaded(place: Place) -> Callable[[Callable[[web.Request, Application], web.Response]], Service]:
    """Turn a function that blocks, reads, and needs no body, into a service.

    Stores, locks and decoders block, and the loop has gates to answer meanwhile. Even reaching for a service belongs
    in the thread, since the application opens its store on first use.
    """

    def decorate(service: Callable[[web.Request, Application], web.Response]) -> Service:
        @wraps(service)
        async def answer(request: web.Request, application: Application) -> web.Response:
            workers = application.workers
            return await place(workers).run(service, request, application, answer_within=workers.answer_within)

        return answer

    return decorate


def threaded_fields(
    place: Place, *, body_limit: int = MAX_FIELD_BYTES, files: bool = False
) -> Callable[[Callable[[Fields, Application], web.Response]], Service]:
    """Turn a function that blocks into a service: the body is read on the loop, the function gets its fields.

    Args:
        place: where it runs.
        body_limit: bytes of a JSON object.
        files: whether a form may hold a picture; then ``limits.image_bytes`` counts.
    """

    def decorate(service: Callable[[Fields, Application], web.Response]) -> Service:
        @wraps(service)
        async def answer(request: web.Request, application: Application) -> web.Response:
            file_limit = application.settings.limits.image_bytes if files else MAX_FIELD_BYTES
            fields = await read_fields(request, file_limit=file_limit, body_limit=body_limit)
            return await place(application.workers).run(service, fields, application)

        return answer

    return decorate


class Abandoned(Exception):
    """The browser has closed the connection, so no answer is needed."""


async def run_unless_abandoned(
    request: web.Request, application: Application, workers: Workers, call: Callable[..., T], *arguments: object
) -> T:
    """Run a call for one request's answer alone: it does not start when the browser has given up by then.

    A page that scrolls through a thousand pictures gives up most of them; rendered all the same, they would hold up the
    few that are looked at.

    Raises:
        Abandoned: it was not started.
        StoreUnavailable: see `Workers.run`.
    """

    def unless_abandoned() -> T:
        if request.transport is None or request.transport.is_closing():
            raise Abandoned
        return call(*arguments)

    return await workers.run(unless_abandoned, answer_within=application.workers.answer_within)


async def read_fields(
    request: web.Request, *, file_limit: int = MAX_FIELD_BYTES, body_limit: int = MAX_FIELD_BYTES
) -> Fields:
    """Read a JSON object, a URL-encoded form or a multipart form.

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
            return _object(json.loads(await _read_body(request, body_limit)))
        if request.content_type == "application/x-www-form-urlencoded":
            return _form((await _read_body(request)).decode("utf-8"))
        if request.content_type == "multipart/form-data":
            return await _multipart(request, file_limit)
    except (DataseteError, web.HTTPException):
        raise
    except Exception as error:  # aiohttp's parser and the decoders raise a dozen kinds for broken input
        raise InvalidInput("The request's body cannot be read.", hint="Nothing was changed.") from error
    raise UnsupportedType(
        f"A body of type {request.content_type[:60]} is not read here.",
        hint="Nothing was changed. Send a form or application/json.",
    )


def text_field(fields: Fields, name: str, default: str | None = None) -> str:
    """Return a field as text.

    Raises:
        InvalidInput: it is missing and has no default, or is neither text nor a whole number.
    """
    value = fields.get(name, default)
    if isinstance(value, bytes):
        value = _decode(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise InvalidInput(f"The field “{name}” must be text.", hint="Nothing was changed.")
    return value


def file_field(fields: Fields, name: str) -> bytes:
    """Return an uploaded file's bytes.

    Raises:
        InvalidInput: it is missing or empty.
    """
    value = fields.get(name)
    if not isinstance(value, bytes) or not value:
        raise InvalidInput(
            f"The file “{name}” is missing.", hint="Nothing was changed. Send it as a part of a multipart form."
        )
    return value


async def _read_body(request: web.Request, limit: int = MAX_FIELD_BYTES) -> bytes:
    # Counted while it comes: a Content-Length may be missing or wrong, and `request.read` would keep all of it.
    data = bytearray()
    async for chunk in request.content.iter_chunked(CHUNK_BYTES):
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
    return dict(reversed(pairs))  # so that the first of a name counts


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
        data = await _read_part(part, limit - size if part.filename else min(MAX_FIELD_BYTES, limit - size))
        size += len(data)
        fields.setdefault(part.name, data if part.filename else _decode(data))
    return fields


async def _read_part(part: BodyPartReader, limit: int) -> bytes:
    # Browsers never compress a part, and a compressed one could grow to any size while it is decoded.
    encoding = part.headers.get("Content-Transfer-Encoding", "binary")
    if "Content-Encoding" in part.headers or encoding not in PLAIN_ENCODINGS:
        raise InvalidInput(
            "The form holds a part that is compressed or encoded.", hint="Nothing was changed. Send it as it is."
        )
    data = bytearray()
    while chunk := await part.read_chunk(CHUNK_BYTES):
        data += chunk
        _check_size(len(data), limit)
    return bytes(data)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput("A field of the form is not text.", hint="Nothing was changed.") from error


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise TooLarge(f"The request's body is over the limit of {limit:,} bytes.", hint="Nothing was changed.")

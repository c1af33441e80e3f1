"""Adds pictures from a multipart form to a pool, one after the other: good ones are kept, refused ones are listed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final, TypeVar

from aiohttp import BodyPartReader, web

from datasete.application import Application
from datasete.config import POOLS
from datasete.errors import DataseteError, InvalidInput, TooLarge
from datasete.pools import Addition, Upload
from datasete.pools.commands import MAX_LABEL_CHARACTERS
from datasete.server.masks import normalize_mask
from datasete.server.pool_requests import read_file, read_parts, read_text
from datasete.server.responses import error_fields, pool_response
from datasete.sidecars.text import MAX_CAPTION_BYTES, read_caption
from datasete.tasks.cancellation import Task

T = TypeVar("T")

MAX_PARTS: Final = 5000
MAX_TEXT_CHARACTERS: Final = 16_000_000
"""Of all labels and fields together."""

FILE_PARTS: Final = frozenset({"image", "mask", "caption"})


class PoolUpload:
    """One multipart form on its way into a pool.

    The n-th ``label``, ``caption`` and ``mask`` belong to the n-th ``image``; an empty one counts as none. A caption is
    a text file in any encoding, which becomes the label. ``pool_id`` and ``operation`` come before the first file. With
    a ``limit`` of 0 the answer leaves the pool's pictures out.
    """

    def __init__(self, application: Application) -> None:
        self.errors: list[dict[str, str]] = []
        self._application = application
        self._fields: dict[str, str] = {}
        self._labels: list[str] = []
        self._text_size = 0
        self._captions: list[str] = []
        self._names: list[str] = []
        self._positions: list[int | None] = []
        self._masks: list[bytes] = []
        self._addition: Addition | None = None
        self._first_error: DataseteError | None = None
        self._task = Task()
        self._cleanup = ExitStack()

    async def receive(self, request: web.Request) -> web.Response:
        """Take every part, then commit once."""
        try:
            async for part in read_parts(request, MAX_PARTS):
                await self._take_part(part)
                self._task.check()
            return await self._run(self._commit)
        finally:
            # Takes back what was staged and not committed, which a store does not do in an instant.
            await self._clean_up()

    async def _run(self, call: Callable[..., T], *arguments: object) -> T:
        return await self._application.workers.space(POOLS).run(call, *arguments)

    async def _clean_up(self) -> None:
        with suppress(RuntimeError):  # the server is going down; the pool's collector finds what stays
            await asyncio.wrap_future(self._application.workers.space(POOLS).submit(self._cleanup.close))

    async def _take_part(self, part: BodyPartReader) -> None:
        if part.name not in FILE_PARTS:
            await self._take_text(part)
            return
        addition = await self._started()
        with self._listing_errors(part.filename or ""):
            await self._take_file(part, addition)

    async def _take_file(self, part: BodyPartReader, addition: Addition) -> None:
        # What belongs to a picture follows it by number, so one that is refused keeps its number too: the lists grow
        # before anything can fail.
        if part.name == "image":
            self._names.append(part.filename or "")
            self._positions.append(None)
            await self._run(self._stage, addition, await self._read(part), part.filename or "")
        elif part.name == "caption":
            self._captions.append("")
            self._captions[-1] = await self._caption(part)
        else:
            self._masks.append(b"")
            data = await self._read(part)
            self._check_room(data)
            self._masks[-1] = data
            await self._run(self._apply_masks, addition)

    def _check_room(self, mask: bytes) -> None:
        """Refuse a mask that comes before its picture when too much waits already: a form may hold thousands."""
        limit = self._application.settings.limits.image_bytes
        if len(self._masks) > len(self._positions) and sum(map(len, self._masks)) + len(mask) > limit:
            raise TooLarge(
                f"The masks that wait for their pictures have more than {limit / 1e6:,.1f} MB together.",
                hint="It was not kept. Send each picture before its mask.",
            )

    async def _caption(self, part: BodyPartReader) -> str:
        # More than a caption may have, so that what reads it says what is wrong; kept only as far as a label may go.
        data = await read_file(part, 2 * MAX_CAPTION_BYTES)
        text: str = await self._run(read_caption, data, part.filename or "")
        return text[: MAX_LABEL_CHARACTERS + 1]

    async def _read(self, part: BodyPartReader) -> bytes:
        return await read_file(part, self._application.settings.limits.image_bytes)

    async def _take_text(self, part: BodyPartReader) -> None:
        text = await read_text(part)
        self._text_size += len(text)
        if self._text_size > MAX_TEXT_CHARACTERS:
            raise TooLarge(
                "The form's texts are too long together.", hint="Nothing was added. Send fewer pictures at once."
            )
        if part.name == "label":
            self._labels.append(text)
        else:
            self._fields.setdefault(part.name or "", text)

    async def _started(self) -> Addition:
        if self._addition is None:
            pool_id = self._fields.get("pool_id", "")
            if not pool_id:
                raise InvalidInput(
                    "The form does not say which pool is meant.",
                    hint="Nothing was added. Send pool_id before the files.",
                )
            operation = self._fields.get("operation") or None
            # Entered first, so exited last: a cancel waits until staged files are gone.
            self._task = self._cleanup.enter_context(self._application.tasks.running(operation))
            addition = await self._run(lambda: self._application.pools.addition(pool_id, operation))
            self._addition = self._cleanup.enter_context(addition)
        return self._addition

    def _stage(self, addition: Addition, data: bytes, filename: str) -> None:
        addition.stage(Upload(data, filename))
        self._positions[-1] = len(addition.pictures) - 1
        self._apply_masks(addition)

    def _apply_masks(self, addition: Addition) -> None:
        # A mask may come before its picture or after it; each is dropped once used, as a form may hold thousands.
        for number, data in enumerate(self._masks[: len(self._positions)]):
            position = self._positions[number]
            self._masks[number] = b""
            if data and position is not None:
                with self._listing_errors(f"{self._names[number]} (mask)"):
                    addition.mask(position, normalize_mask(data, self._application.settings.limits))

    def _commit(self) -> web.Response:
        if self._addition is None:
            raise InvalidInput(
                "The form holds no picture.", hint="Nothing was added. Send at least one part named “image”."
            )
        self._apply_labels(self._addition)
        self._apply_captions(self._addition)
        self._report_masks_left()
        added = self._addition.pictures
        self._task.check()
        manifest, report = self._addition.commit(), self._report([picture.image for picture in added])
        self._task.result = report
        pools, limit = self._application.pools, 0 if self._fields.get("limit") == "0" else None
        if added or self._first_error is None:
            return pool_response(pools, manifest, 0, limit, **report)
        status, error = self._first_error.status, error_fields(self._first_error)
        return pool_response(pools, manifest, 0, limit, status=status, error=error, **report)

    def _apply_labels(self, addition: Addition) -> None:
        for name, position, label in zip(self._names, self._positions, self._labels, strict=False):
            if position is not None:
                with self._listing_errors(name):
                    addition.label(position, label)

    def _apply_captions(self, addition: Addition) -> None:
        for name, position, text in zip(self._names, self._positions, self._captions, strict=False):
            if position is not None and text:
                with self._listing_errors(f"{name} (caption)"):
                    addition.label(position, text)

    def _report_masks_left(self) -> None:
        for _ in filter(None, self._masks):
            with self._listing_errors("(mask)"):
                raise InvalidInput("A mask has no picture.", hint="It was not kept. Send its picture in the same form.")
        self._masks.clear()

    def _report(self, images: list[str]) -> dict[str, Any]:
        """How many were added, under which names (empty ones when this request was answered before), and the others."""
        return {"added": len(images), "images": images, "errors": self.errors}

    @contextmanager
    def _listing_errors(self, filename: str) -> Iterator[None]:
        try:
            yield
        except InvalidInput as error:
            self._first_error = self._first_error or error
            self.errors.append({"file": filename, **error_fields(error)})

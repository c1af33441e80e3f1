"""Pictures for a pool, taken from a multipart form one after the other: the good ones are kept, the others listed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from aiohttp import BodyPartReader, web

from datasete.application import Application
from datasete.cancellation import Work
from datasete.errors import DataseteError, InvalidInput
from datasete.pools import Addition, Upload
from datasete.server.masks import normalize_mask
from datasete.server.pool_requests import parts_of, read_file, read_text
from datasete.server.responses import answer

MAX_PARTS: Final = 5000
FILES: Final = frozenset({"image", "mask"})


class Intake:
    """One multipart form on its way into a pool.

    The n-th ``label`` and the n-th ``mask`` belong to the n-th ``image``; an empty mask is none. ``pool_id`` and
    ``operation`` come before the first file. With a ``limit`` of 0 the answer leaves the pool's pictures out.
    """

    def __init__(self, application: Application) -> None:
        self.errors: list[dict[str, str]] = []
        self._application = application
        self._fields: dict[str, str] = {}
        self._labels: list[str] = []
        self._names: list[str] = []
        self._places: list[int | None] = []
        self._masks: list[bytes] = []
        self._adding: Addition | None = None
        self._first: DataseteError | None = None
        self._work = Work()

    async def run(self, request: web.Request) -> web.Response:
        """Take everything, then commit once."""
        with ExitStack() as ends:
            try:
                async for part in parts_of(request, MAX_PARTS):
                    await self._part(part, ends)
                    self._work.check()
                return await asyncio.to_thread(self._finish)
            finally:
                if self._adding:
                    await asyncio.to_thread(self._adding.__exit__, None, None, None)

    async def _part(self, part: BodyPartReader, ends: ExitStack) -> None:
        if part.name not in FILES:
            await self._text(part)
            return
        adding = await self._begun(ends)
        with self._listed(part.filename or ""):
            await self._file(part, adding)

    async def _file(self, part: BodyPartReader, adding: Addition) -> None:
        # What belongs to a picture follows it by number, so one that is refused keeps its number too.
        if part.name == "image":
            self._names.append(part.filename or "")
            self._places.append(None)
            await asyncio.to_thread(self._stage, adding, await self._read(part), part.filename or "")
        else:
            self._masks.append(b"")
            self._masks[-1] = await self._read(part)
            await asyncio.to_thread(self._use_masks, adding)

    async def _read(self, part: BodyPartReader) -> bytes:
        return await read_file(part, self._application.settings.limits.image_bytes)

    async def _text(self, part: BodyPartReader) -> None:
        text = await read_text(part)
        if part.name == "label":
            self._labels.append(text)
        else:
            self._fields.setdefault(part.name or "", text)

    async def _begun(self, ends: ExitStack) -> Addition:
        if self._adding is None:
            pool_id = self._fields.get("pool_id", "")
            if not pool_id:
                raise InvalidInput("The form does not say which pool is meant.", hint="Send pool_id before the files.")
            operation = self._fields.get("operation") or None
            self._work = ends.enter_context(self._application.stops.running(operation))
            self._adding = await asyncio.to_thread(lambda: self._application.pools.addition(pool_id, operation))
        return self._adding

    def _stage(self, adding: Addition, data: bytes, filename: str) -> None:
        adding.stage(Upload(data, filename))
        self._places[-1] = len(adding.pictures) - 1
        self._use_masks(adding)

    def _use_masks(self, adding: Addition) -> None:
        for number, data in enumerate(self._masks[: len(self._places)]):
            place = self._places[number]
            self._masks[number] = b""
            if data and place is not None:
                with self._listed(f"{self._names[number]} (mask)"):
                    adding.mask(place, normalize_mask(data, self._application.settings.limits))

    def _finish(self) -> web.Response:
        if self._adding is None:
            raise InvalidInput("The form holds no picture.", hint="Send at least one part named “image”.")
        for name, place, label in zip(self._names, self._places, self._labels, strict=False):
            if place is not None:
                with self._listed(name):
                    self._adding.label(place, label)
        added = self._adding.pictures
        self._work.check()
        manifest, more = self._adding.commit(), self._report([slot.image for slot in added])
        self._work.result = more
        pools, limit = self._application.pools, 0 if self._fields.get("limit") == "0" else None
        if added or self._first is None:
            return answer(pools, manifest, 0, limit, **more)
        return answer(pools, manifest, 0, limit, status=self._first.status, error=_described(self._first), **more)

    def _report(self, images: list[str]) -> dict[str, Any]:
        """How many were added, under which names (empty ones when this request was answered before), and the others."""
        return {"added": len(images), "images": images, "errors": self.errors}

    @contextmanager
    def _listed(self, filename: str) -> Iterator[None]:
        try:
            yield
        except InvalidInput as error:
            self._first = self._first or error
            self.errors.append({"file": filename, **_described(error)})


def _described(error: DataseteError) -> dict[str, str]:
    return {"code": error.code, "message": error.message, "hint": error.hint}

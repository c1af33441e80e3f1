"""Routes of the pools: looking, adding, and every edit; each answers with the pool as it is afterwards."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from functools import partial
from typing import Final

from aiohttp import web

from datasete.application import Application
from datasete.errors import InvalidInput
from datasete.imaging.image_header import read_header
from datasete.pools import commands
from datasete.pools.manifest import Manifest
from datasete.server.masks import normalize_mask
from datasete.server.pool_requests import (
    check_revision,
    image_of,
    numbers,
    operation_of,
    page_of,
    pool_of,
    read_json,
    since_of,
    texts,
)
from datasete.server.pool_uploads import Intake
from datasete.server.requests import Fields, file_field, read_fields, text_field
from datasete.server.responses import answer, changed, picture_response, profile_name, rendered, requested_size

THUMB_SIZE: Final = 256
FOR_A_YEAR: Final = "private, max-age=31536000, immutable"
"""A picture's name belongs to it for ever, and with ``v`` (when it was added) so does the address of its thumbnail."""

Edit = Callable[[Application, str, Fields], Manifest]


async def list_slots(request: web.Request, application: Application) -> web.Response:
    """The pool; with ``offset`` and ``limit``, a page of its pictures; with ``since``, what has changed since that
    version. ``profile`` is its name, if it has one.
    """
    pool_id, (offset, limit) = pool_of(dict(request.query)), page_of(request)
    since = request.query.get("since", "")

    def look() -> web.Response:
        pools = application.pools
        manifest, profile = pools.manifest(pool_id), profile_name(application, pool_id)
        if since:
            return changed(pools, manifest, since, profile=profile)
        return answer(pools, manifest, offset, limit, profile=profile)

    return await asyncio.to_thread(look)


async def add(request: web.Request, application: Application) -> web.Response:
    """Add pictures from a multipart form; ``errors`` lists those that were refused."""
    return await Intake(application).run(request)


async def set_mask(request: web.Request, application: Application) -> web.Response:
    """Set a picture's mask, or clear it when the form has no part ``mask``."""
    limits = application.settings.limits
    fields = await read_fields(request, file_limit=limits.image_bytes)

    def change() -> web.Response:
        mask = normalize_mask(file_field(fields, "mask"), limits) if fields.get("mask") else None
        image = image_of(application, fields)
        manifest = application.pools.set_mask(pool_of(fields), image, mask, operation_of(fields))
        return changed(application.pools, manifest, since_of(fields))

    return await asyncio.to_thread(change)


async def detach(request: web.Request, application: Application) -> web.Response:
    """Copy a pool to a private one; answers with the copy and its ``pool_id``."""
    pool_id = pool_of(await read_json(request))

    def copied() -> web.Response:
        copy = application.pools.detach(pool_id)
        return answer(application.pools, application.pools.manifest(copy), pool_id=copy)

    return await asyncio.to_thread(copied)


async def thumb(request: web.Request, application: Application) -> web.Response:
    """A small picture of a picture, or of a mask by its name."""
    pool_id, image = pool_of(dict(request.query)), request.query.get("image", "")
    size, version = requested_size(request, THUMB_SIZE), request.query.get("v", "")
    tag = hashlib.sha256(f"{pool_id}/{image}/{size}/{version}".encode("utf-8", "replace")).hexdigest()[:32]
    cache = FOR_A_YEAR if version else "private, max-age=3600"
    if request.headers.get("If-None-Match", "").strip('W/"') == tag:
        return web.Response(status=304, headers={"ETag": f'"{tag}"', "Cache-Control": cache})
    data, media_type = await rendered(application, lambda: application.pools.thumbnail(pool_id, image, size))
    response = picture_response(data, media_type, cache=cache)
    response.headers["ETag"] = f'"{tag}"'
    return response


async def file(request: web.Request, application: Application) -> web.Response:
    """A picture or a mask as it is stored, for painting over it and for looking closely."""
    pool_id, name = pool_of(dict(request.query)), request.query.get("image", "")

    def read() -> tuple[bytes, str]:
        data = application.pools.file(pool_id, name).data
        return data, f"image/{read_header(data).format.lower()}"

    return picture_response(*await asyncio.to_thread(read), cache="private, max-age=3600")


async def _edit(edit: Edit, request: web.Request, application: Application) -> web.Response:
    fields = await read_json(request)
    pool_id, since = pool_of(fields), since_of(fields)
    return await asyncio.to_thread(lambda: changed(application.pools, edit(application, pool_id, fields), since))


def _remove(application: Application, pool_id: str, fields: Fields) -> Manifest:
    return application.pools.remove(pool_id, [image_of(application, fields)], operation_of(fields))


def _remove_many(application: Application, pool_id: str, fields: Fields) -> Manifest:
    return application.pools.remove(pool_id, texts(fields, "images"), operation_of(fields))


def _activate(application: Application, pool_id: str, fields: Fields) -> Manifest:
    command = commands.activate(image_of(application, fields))
    return application.pools.edit(pool_id, command, operation_of(fields))


def _label(application: Application, pool_id: str, fields: Fields) -> Manifest:
    text = text_field(fields, "label", "")
    return application.pools.edit(pool_id, commands.label(image_of(application, fields), text), operation_of(fields))


def _reorder(application: Application, pool_id: str, fields: Fields) -> Manifest:
    """A permutation ``order``; or ``images``, to be moved in front of ``before`` (null for the end)."""
    if "images" in fields:
        before = fields.get("before")
        if before is not None and not isinstance(before, str):
            raise InvalidInput("The field “before” must be a picture's name or null.", hint="Nothing was changed.")
        command = commands.move(texts(fields, "images"), before)
    else:
        check_revision(application, fields)
        command = commands.reorder(numbers(fields, "order"))
    return application.pools.edit(pool_id, command, operation_of(fields))


def _undo(application: Application, pool_id: str, fields: Fields) -> Manifest:
    """The removal whose operation id is ``removal``, else the latest one: others may have removed something since."""
    removal = text_field(fields, "removal", "") or None
    return application.pools.undo(pool_id, operation_of(fields), removal)


def _rebuild(application: Application, pool_id: str, fields: Fields) -> Manifest:
    del fields
    return application.pools.rebuild(pool_id)


ROUTES: Final = (
    ("GET", "/grid_pool/list", list_slots),
    ("GET", "/grid_pool/thumb", thumb),
    ("GET", "/grid_pool/file", file),
    ("POST", "/grid_pool/add", add),
    ("POST", "/grid_pool/set_mask", set_mask),
    ("POST", "/grid_pool/detach", detach),
    ("POST", "/grid_pool/remove", partial(_edit, _remove)),
    ("POST", "/grid_pool/remove_many", partial(_edit, _remove_many)),
    ("POST", "/grid_pool/active", partial(_edit, _activate)),
    ("POST", "/grid_pool/label", partial(_edit, _label)),
    ("POST", "/grid_pool/reorder", partial(_edit, _reorder)),
    ("POST", "/grid_pool/undo", partial(_edit, _undo)),
    ("POST", "/grid_pool/rebuild", partial(_edit, _rebuild)),
)

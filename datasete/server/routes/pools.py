"""Routes of the pools: reading, adding, and every edit; each answers with the pool as it is afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from aiohttp import web

from datasete.application import Application
from datasete.config import POOLS
from datasete.errors import InvalidInput
from datasete.imaging.upright import upright
from datasete.pools import commands
from datasete.pools.manifest import Manifest
from datasete.server import pool_requests, responses
from datasete.server.masks import normalize_mask
from datasete.server.pool_uploads import PoolUpload
from datasete.server.requests import (
    Fields,
    Service,
    file_field,
    in_space,
    run_unless_abandoned,
    text_field,
    threaded,
    threaded_fields,
)

THUMB_SIZE: Final = 256
CACHE_FOR_A_YEAR: Final = "private, max-age=31536000, immutable"
"""A picture's name is never used again, and with ``v`` (when it was added) neither is the address of its thumbnail."""

CACHE_FOR_AN_HOUR: Final = "private, max-age=3600"

Edit = Callable[[Application, str, Fields], Manifest]


@threaded(in_space(POOLS))
def list_slots(request: web.Request, application: Application) -> web.Response:
    """Show the pool; with ``offset`` and ``limit``, a page of its pictures; with ``since``, what has changed since that
    version. ``profile`` is its name, if it has one.
    """
    pool_id, (offset, limit) = pool_requests.pool_id_of(dict(request.query)), pool_requests.page_of(request)
    since = request.query.get("since", "")
    pools = application.pools
    manifest, profile = pools.manifest(pool_id), responses.profile_name(application, pool_id)
    if since:
        return responses.pool_change_response(pools, manifest, since, profile=profile)
    return responses.pool_response(pools, manifest, offset, limit, profile=profile)


async def add(request: web.Request, application: Application) -> web.Response:
    """Add pictures from a multipart form; ``errors`` lists those that were refused."""
    return await PoolUpload(application).receive(request)


@threaded_fields(in_space(POOLS), files=True)
def set_mask(fields: Fields, application: Application) -> web.Response:
    """Set a picture's mask, or clear it when the form has no part ``mask``."""
    mask = normalize_mask(file_field(fields, "mask"), application.settings.limits) if fields.get("mask") else None
    image = pool_requests.image_of(application, fields)
    manifest = application.pools.set_mask(
        pool_requests.pool_id_of(fields), image, mask, pool_requests.operation_of(fields)
    )
    return responses.pool_change_response(application.pools, manifest, pool_requests.since_of(fields))


@threaded_fields(in_space(POOLS), body_limit=pool_requests.MAX_BODY_BYTES)
def detach(fields: Fields, application: Application) -> web.Response:
    """Copy a pool to a private one; answer with the copy and its ``pool_id``."""
    pools = application.pools
    copy = pools.detach(pool_requests.pool_id_of(fields))
    return responses.pool_response(pools, pools.manifest(copy), pool_id=copy)


async def thumb(request: web.Request, application: Application) -> web.Response:
    """Show a picture or a mask, small."""
    pool_id, name = pool_requests.pool_id_of(dict(request.query)), request.query.get("image", "")
    size, version = responses.requested_size(request, THUMB_SIZE), request.query.get("v", "")
    # Of the address alone: the thumbnail of a name never changes, so a browser's copy is confirmed without the store.
    tag = hashlib.sha256(f"{pool_id}/{name}/{size}/{version}".encode("utf-8", "replace")).hexdigest()[:32]

    async def shrink() -> responses.EncodedPicture:
        call = lambda: application.pools.thumbnail(pool_id, name, size)  # noqa: E731 - the pools open in the thread
        return await run_unless_abandoned(request, application, application.workers.thumbs(POOLS), call)

    cache = CACHE_FOR_A_YEAR if version else CACHE_FOR_AN_HOUR
    return await responses.conditional_picture(request, tag, shrink, cache=cache)


async def file(request: web.Request, application: Application) -> web.Response:
    """Send a picture or a mask in full size and upright, to paint over it or to look closely."""
    pool_id, name = pool_requests.pool_id_of(dict(request.query)), request.query.get("image", "")

    def turn() -> responses.EncodedPicture:
        return upright(application.pools.file(pool_id, name).data, application.settings.limits)

    picture = await run_unless_abandoned(request, application, application.workers.thumbs(POOLS), turn)
    return responses.picture_response(*picture, cache=CACHE_FOR_AN_HOUR)


def _edit(edit: Edit) -> Service:
    """Turn an edit into a service, which answers with what the page does not know yet."""

    @threaded_fields(in_space(POOLS), body_limit=pool_requests.MAX_BODY_BYTES)
    def answer(fields: Fields, application: Application) -> web.Response:
        pool_id, since = pool_requests.pool_id_of(fields), pool_requests.since_of(fields)
        return responses.pool_change_response(application.pools, edit(application, pool_id, fields), since)

    return answer


def _remove(application: Application, pool_id: str, fields: Fields) -> Manifest:
    return application.pools.remove(
        pool_id, [pool_requests.image_of(application, fields)], pool_requests.operation_of(fields)
    )


def _remove_many(application: Application, pool_id: str, fields: Fields) -> Manifest:
    return application.pools.remove(
        pool_id, pool_requests.text_list(fields, "images"), pool_requests.operation_of(fields)
    )


def _activate(application: Application, pool_id: str, fields: Fields) -> Manifest:
    command = commands.activate(pool_requests.image_of(application, fields))
    return application.pools.edit(pool_id, command, pool_requests.operation_of(fields))


def _label(application: Application, pool_id: str, fields: Fields) -> Manifest:
    text = text_field(fields, "label", "")
    return application.pools.edit(
        pool_id, commands.label(pool_requests.image_of(application, fields), text), pool_requests.operation_of(fields)
    )


def _reorder(application: Application, pool_id: str, fields: Fields) -> Manifest:
    """Apply the permutation ``order``; or move ``images`` in front of ``before`` (null for the end)."""
    if "images" in fields:
        before = fields.get("before")
        if before is not None and not isinstance(before, str):
            raise InvalidInput("The field “before” must be a picture's name or null.", hint="Nothing was changed.")
        command = commands.move(pool_requests.text_list(fields, "images"), before)
    else:
        pool_requests.check_revision(application, fields)
        command = commands.reorder(pool_requests.number_list(fields, "order"))
    return application.pools.edit(pool_id, command, pool_requests.operation_of(fields))


def _undo(application: Application, pool_id: str, fields: Fields) -> Manifest:
    """Undo the removal whose operation id is ``removal``, else the latest one, which may be another page's."""
    removal = text_field(fields, "removal", "") or None
    return application.pools.undo(pool_id, pool_requests.operation_of(fields), removal)


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
    ("POST", "/grid_pool/remove", _edit(_remove)),
    ("POST", "/grid_pool/remove_many", _edit(_remove_many)),
    ("POST", "/grid_pool/active", _edit(_activate)),
    ("POST", "/grid_pool/label", _edit(_label)),
    ("POST", "/grid_pool/reorder", _edit(_reorder)),
    ("POST", "/grid_pool/undo", _edit(_undo)),
    ("POST", "/grid_pool/rebuild", _edit(_rebuild)),
)

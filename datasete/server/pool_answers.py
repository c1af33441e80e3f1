"""What requests about pools are answered with: the pool as it is, whole or a page of it."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from datasete.application import Application
from datasete.errors import CorruptData
from datasete.pools import view
from datasete.pools.manifest import Manifest, dump

HEADERS: Final = {"Cache-Control": "no-store"}


def answer(
    manifest: Manifest, offset: int = 0, limit: int | None = None, *, status: int = 200, **more: object
) -> web.Response:
    """The view of a pool, and what else there is to say. Takes the pictures' lines as the manifest keeps them anyway:
    an answer about ten thousand of them costs a millisecond, not fifteen.
    """
    head = view(manifest, offset, 0) | more
    del head["slots"]
    end = None if limit is None else offset + limit
    slots = b",".join([slot.line for slot in manifest.slots[offset:end]])
    body = b'%b,"slots":[%b]}' % (dump(head)[:-1], slots)
    return web.Response(body=body, status=status, content_type="application/json", charset="utf-8", headers=HEADERS)


def profile_name(application: Application, pool_id: str) -> str | None:
    """What a profile's pool is called; None for any other pool, and where the list of names cannot be read: the
    pictures can be shown all the same.
    """
    try:
        profile = application.profiles.registry().find(pool_id)
    except CorruptData:
        return None
    return profile.name if profile else None

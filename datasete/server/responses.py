"""What requests about pools are answered with: the pool as it is, whole, a page of it, or what has changed."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from datasete.application import Application
from datasete.errors import CorruptData
from datasete.pools import Pools, view
from datasete.pools.manifest import Manifest, Slot, dump
from datasete.server.fresh import fresh_text


def answer(
    pools: Pools, manifest: Manifest, offset: int = 0, limit: int | None = None, *, status: int = 200, **more: object
) -> web.Response:
    """The view of a pool, and what else there is to say. Takes the pictures' lines as the manifest keeps them anyway:
    an answer about ten thousand of them costs a millisecond, not fifteen.
    """
    head = view(manifest, offset, 0) | {"version": pools.versions.remember(manifest)} | more
    end = None if limit is None else offset + limit
    return _response(head, manifest.slots[offset:end], status)


def changed(pools: Pools, manifest: Manifest, since: str, **more: object) -> web.Response:
    """The same for one who knows the version `since`: where it is remembered, only the pictures that are others now.
    From ``offset`` on, ``gone`` pictures of that version gave way to ``slots``.
    """
    change = pools.versions.since(since, manifest)
    more["version"] = pools.versions.remember(manifest)
    if change is None:
        return _response(view(manifest, 0, 0) | more, manifest.slots)
    return _response(view(manifest, change.at, 0) | more | {"since": since, "gone": change.gone}, change.slots)


def _response(head: dict[str, object], slots: Sequence[Slot], status: int = 200) -> web.Response:
    del head["slots"]
    lines = b",".join([slot.line for slot in slots])
    return fresh_text(b'%b,"slots":[%b]}' % (dump(head)[:-1], lines), status)


def profile_name(application: Application, pool_id: str) -> str | None:
    """What a profile's pool is called; None for any other pool, and where the list of names cannot be read: the
    pictures can be shown all the same.
    """
    try:
        profile = application.profiles.registry().find(pool_id)
    except CorruptData:
        return None
    return profile.name if profile else None

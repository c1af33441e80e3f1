"""The route that keeps what a gate shows in a pool: whole, lossless, and without a byte of it leaving the server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from datasete.application import Application
from datasete.errors import DataseteError, InvalidInput, NotFound
from datasete.gates import Session
from datasete.gates.session import FullFrame
from datasete.pools import Upload
from datasete.pools.layout import check_pool_id
from datasete.server.pool_requests import operation_of, whole_number
from datasete.server.requests import Fields, read_fields, text_field

ALL: Final = "all"


@dataclass(frozen=True)
class _Wish:
    """What shall be kept, and where: in the pool `pool_id`, or in a profile that is made under the name `create`."""

    session: Session
    full_frame: FullFrame
    frames: range
    label: str
    pool_id: str
    create: str
    operation: str | None


async def keep(request: web.Request, application: Application) -> web.Response:
    """Add one frame of a gate, or ``frames: "all"``, to the pool ``pool_id`` or to a new profile named ``profile``.

    With it goes the mask that was painted or loaded so far. All are added or none; the gate waits on.
    """
    wish = _read(application, await read_fields(request))
    return web.json_response(await asyncio.to_thread(_keep, application, wish))


def _read(application: Application, fields: Fields) -> _Wish:
    session = application.gates.locate(token=_token(fields))
    if session.view.full_frame is None:
        raise InvalidInput("What this gate shows cannot be kept.", hint="It still waits.")
    pool_id, create = text_field(fields, "pool_id", ""), text_field(fields, "profile", "")
    if bool(pool_id) == bool(create):
        raise InvalidInput("The request does not say where to keep the picture.", hint="Send pool_id or profile.")
    return _Wish(
        session,
        session.view.full_frame,
        _frames(fields.get("frames", 0), session.gate.frames),
        text_field(fields, "label", ""),
        check_pool_id(pool_id) if pool_id else "",
        create,
        operation_of(fields),
    )


def _token(fields: Fields) -> str:
    token = text_field(fields, "token", "")
    if not token:
        raise InvalidInput("The request does not say which gate is meant.", hint="Send its token.")
    return token


def _frames(wanted: object, count: int) -> range:
    if wanted == ALL:
        return range(count)
    frame = whole_number(wanted, "frame")
    if not 0 <= frame < count:
        raise NotFound(f"The gate shows {count} pictures, and this is none of them.", hint="Nothing was added.")
    return range(frame, frame + 1)


def _keep(application: Application, wish: _Wish) -> dict[str, object]:
    with _place(application, wish) as pool_id, application.pools.addition(pool_id, wish.operation) as addition:
        for frame in wish.frames:
            image, mask = wish.full_frame(frame, wish.session.mask.at(frame))
            addition.stage(Upload(image, label=wish.label, mask=mask))
        manifest = addition.commit()
    return {
        "pool_id": pool_id,
        "added": len(wish.frames),
        "count": len(manifest.pictures),
        "revision": manifest.revision,
    }


@contextmanager
def _place(application: Application, wish: _Wish) -> Iterator[str]:
    if not wish.create:
        yield wish.pool_id
        return
    profile = application.profiles.create(wish.create)
    try:
        yield profile.id
    except BaseException:
        with suppress(DataseteError):  # it is empty, and shows as that
            application.profiles.delete(profile.id)
        raise


ROUTES: Final = (("POST", "/datasete_gate/keep", keep),)

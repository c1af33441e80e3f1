"""The route that adds what a gate shows to a pool: lossless, in full size, and without sending it to the browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from datasete.application import Application
from datasete.config import POOLS
from datasete.errors import DataseteError, InvalidInput, NotFound
from datasete.gates import Session
from datasete.gates.session import FullFrame
from datasete.pools import Upload
from datasete.pools.layout import check_pool_id
from datasete.server.pool_requests import operation_of, whole_number
from datasete.server.requests import Fields, read_fields, text_field

ALL_FRAMES: Final = "all"


@dataclass(frozen=True)
class _AddRequest:
    """What to add, and where: to the pool `pool_id`, or to a profile that is made under the name `new_profile`."""

    session: Session
    full_frame: FullFrame
    frames: range
    label: str
    pool_id: str
    new_profile: str
    operation: str | None


async def add_to_pool(request: web.Request, application: Application) -> web.Response:
    """Add one frame of a gate, or ``frames: "all"``, to the pool ``pool_id`` or to a new profile named ``profile``.

    With it goes the mask that was painted or loaded so far. All are added or none; the gate waits on.
    """
    wanted = _parse(application, await read_fields(request))  # on the loop, where gates open and close
    return web.json_response(await application.workers.space(POOLS).run(_add, application, wanted))


def _parse(application: Application, fields: Fields) -> _AddRequest:
    session = application.gates.locate(token=_token(fields))
    if session.view.full_frame is None:
        raise InvalidInput("What this gate shows cannot be added to a pool.", hint="The gate still waits.")
    pool_id, new_profile = text_field(fields, "pool_id", ""), text_field(fields, "profile", "")
    if bool(pool_id) == bool(new_profile):
        raise InvalidInput(
            "The request does not say where to add the picture.", hint="Nothing was added. Send pool_id or profile."
        )
    return _AddRequest(
        session,
        session.view.full_frame,
        _frames(fields.get("frames", 0), session.gate.frames),
        text_field(fields, "label", ""),
        check_pool_id(pool_id) if pool_id else "",
        new_profile,
        operation_of(fields),
    )


def _token(fields: Fields) -> str:
    token = text_field(fields, "token", "")
    if not token:
        raise InvalidInput(
            "The request does not say which gate is meant.", hint="Nothing was added. Send the gate's token."
        )
    return token


def _frames(wanted: object, count: int) -> range:
    if wanted == ALL_FRAMES:
        return range(count)
    frame = whole_number(wanted, "frame")
    if not 0 <= frame < count:
        raise NotFound(f"The gate shows {count} pictures, and this is none of them.", hint="Nothing was added.")
    return range(frame, frame + 1)


def _add(application: Application, wanted: _AddRequest) -> dict[str, object]:
    with (
        _target_pool(application, wanted) as pool_id,
        application.pools.addition(pool_id, wanted.operation) as addition,
    ):
        for frame in wanted.frames:
            image, mask = wanted.full_frame(frame, wanted.session.mask.at(frame))
            addition.stage(Upload(image, label=wanted.label, mask=mask))
        manifest = addition.commit()
    count, revision = len(manifest.pictures), manifest.revision
    return {"pool_id": pool_id, "added": len(wanted.frames), "count": count, "revision": revision}


@contextmanager
def _target_pool(application: Application, wanted: _AddRequest) -> Iterator[str]:
    if not wanted.new_profile:
        yield wanted.pool_id
        return
    profile = application.profiles.create(wanted.new_profile)
    try:
        yield profile.id
    except BaseException:
        # All or nothing, the profile included. Where even that fails, an empty profile stays, and shows as empty.
        with suppress(DataseteError):
            application.profiles.delete(profile.id)
        raise


ROUTES: Final = (("POST", "/datasete_gate/keep", add_to_pool),)

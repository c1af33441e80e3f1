"""Routes of the profiles: making, naming, copying, and carrying them out and in."""

from __future__ import annotations

import asyncio
import tempfile
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from aiohttp import BodyPartReader, web

from datasete.application import Application
from datasete.errors import InvalidInput, StoreFull
from datasete.pools import view
from datasete.profiles import Profile, Profiles
from datasete.server.cancel import stoppable
from datasete.server.pool_requests import chunks_of, operation_of, parts_of, read_text
from datasete.server.requests import read_fields, text_field
from datasete.server.responses import fresh, stream_file

MAX_PARTS: Final = 20


async def list_profiles(request: web.Request, application: Application) -> web.Response:
    """All profiles, oldest first, and the formats in which they travel."""
    del request
    profiles = await asyncio.to_thread(_profiles, application)
    registry = await asyncio.to_thread(profiles.registry)
    formats = [
        {"id": each.id, "label": each.label, "suffix": each.suffix, "pack": each.can_pack, "unpack": each.can_unpack}
        for each in application.hooks.profile_formats().values()
    ]
    body = {
        "profiles": [profile.entry for profile in registry.profiles],
        "revision": registry.revision,
        "formats": formats,
    }
    return fresh(body)


async def create(request: web.Request, application: Application) -> web.Response:
    """Make an empty profile; or one with the pictures of the pool ``from``, which stays as it is."""
    fields = await read_fields(request)
    name, source = text_field(fields, "name"), text_field(fields, "from", "")

    def make() -> Profile:
        return application.profiles.adopt(source, name) if source else application.profiles.create(name)

    return _answer(await asyncio.to_thread(make))


async def rename(request: web.Request, application: Application) -> web.Response:
    """Give a profile another name."""
    fields = await read_fields(request)
    profile_id, name = text_field(fields, "id"), text_field(fields, "name")
    return _answer(await asyncio.to_thread(lambda: application.profiles.rename(profile_id, name)))


async def delete(request: web.Request, application: Application) -> web.Response:
    """Delete a profile with its pictures."""
    profile_id = text_field(await read_fields(request), "id")
    await asyncio.to_thread(lambda: application.profiles.delete(profile_id))
    return web.json_response({})


async def duplicate(request: web.Request, application: Application) -> web.Response:
    """Copy a profile; a name that is taken is numbered."""
    fields = await read_fields(request)
    profile_id, name = text_field(fields, "id"), text_field(fields, "name", "") or None
    return _answer(await asyncio.to_thread(lambda: application.profiles.duplicate(profile_id, name)))


async def seed(request: web.Request, application: Application) -> web.Response:
    """Copy a pool's pictures into a profile; answers with its pool."""
    fields = await read_fields(request)
    source, profile_id = text_field(fields, "from"), text_field(fields, "id")
    seeded = await asyncio.to_thread(lambda: application.profiles.seed(source, profile_id, operation_of(fields)))
    return web.json_response({"id": profile_id, **view(seeded)})


async def rebuild(request: web.Request, application: Application) -> web.Response:
    """Make an unreadable list of profiles anew."""
    await read_fields(request)
    profiles = await asyncio.to_thread(_profiles, application)
    registry = await asyncio.to_thread(profiles.rebuild)
    return web.json_response({"profiles": [profile.entry for profile in registry.profiles]})


async def export(request: web.Request, application: Application) -> web.StreamResponse:
    """A profile as a file, made while it is sent; with ``check``, only what it will be: a download has no page to say
    what went wrong.
    """
    profile_id, form = request.query.get("id", ""), request.query.get("format", "")
    transfer = await asyncio.to_thread(lambda: application.transfer)
    profile_format = transfer.format_of(form)
    profile = await asyncio.to_thread(application.profiles.get, profile_id)
    source = await asyncio.to_thread(transfer.source, profile.id, profile.name)
    filename = f"{profile.name}{profile_format.suffix}"
    if request.query.get("check"):
        return fresh({"filename": filename, "count": source.count})
    make = partial(transfer.export, source, profile_format.id)
    return await stream_file(request, filename, profile_format.media_type, make)


async def import_(request: web.Request, application: Application) -> web.Response:
    """Read a profile from a file, kept on disk meanwhile. With ``operation`` in the query it can be stopped."""
    folder = application.host.user_dir if application.host.user_dir.is_dir() else None
    with application.stops.running(request.query.get("operation")) as work, tempfile.TemporaryFile(dir=folder) as file:
        fields = await _receive(request, file)
        stem = PurePosixPath(fields.get("filename", "").replace("\\", "/")).stem

        def read() -> Profile:
            file.seek(0)
            name, form = fields.get("name", ""), fields.get("format", "")
            return application.transfer.import_(stoppable(file, work), name=name, format_id=form, fallback=stem)

        profile = await asyncio.to_thread(read)
        work.result = profile.entry
        return _answer(profile)


async def _receive(request: web.Request, file: BinaryIO) -> dict[str, str]:
    fields: dict[str, str] = {}
    async for part in parts_of(request, MAX_PARTS):
        if part.name == "file" and "filename" not in fields:
            fields["filename"] = part.filename or ""
            await _spool(part, file)
        else:
            fields.setdefault(part.name or "", await read_text(part))
    if "filename" not in fields:
        raise InvalidInput("The form holds no part “file”.", hint="Nothing was imported.")
    return fields


async def _spool(part: BodyPartReader, file: BinaryIO) -> None:
    try:
        async for chunk in chunks_of(part):
            await asyncio.to_thread(file.write, chunk)
    except OSError as error:
        if isinstance(error, ConnectionError):
            raise
        raise StoreFull("There is no room to receive the file.", hint="Nothing was imported.") from error


def _profiles(application: Application) -> Profiles:
    return application.profiles  # opens its store on first use, so even reaching for it belongs in a thread


def _answer(profile: Profile) -> web.Response:
    return web.json_response(profile.entry)


ROUTES: Final = (
    ("GET", "/grid_pool/profiles/list", list_profiles),
    ("GET", "/grid_pool/profiles/export", export),
    ("POST", "/grid_pool/profiles/create", create),
    ("POST", "/grid_pool/profiles/rename", rename),
    ("POST", "/grid_pool/profiles/delete", delete),
    ("POST", "/grid_pool/profiles/duplicate", duplicate),
    ("POST", "/grid_pool/profiles/seed", seed),
    ("POST", "/grid_pool/profiles/rebuild", rebuild),
    ("POST", "/grid_pool/profiles/import", import_),
)

"""Routes of the profiles: creating, naming, copying, exporting and importing them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final

from aiohttp import BodyPartReader, web

from datasete.application import Application
from datasete.config import POOLS
from datasete.errors import InvalidInput, StoreFull
from datasete.pools import view
from datasete.profiles import Profile
from datasete.server.cancel import cancellable
from datasete.server.pool_requests import operation_of, read_chunks, read_parts, read_text
from datasete.server.requests import Fields, in_space, text_field, threaded, threaded_fields
from datasete.server.responses import spool_folder, stream_file, uncached_json
from datasete.tasks.workers import TRANSFERS, UPLOADS, Workers

if TYPE_CHECKING:
    from datasete.plugin.profiles import ProfileFormat, ProfileSource
    from datasete.profiles.transfer import ProfileTransfer

MAX_PARTS: Final = 20


@threaded(in_space(POOLS))
def list_profiles(request: web.Request, application: Application) -> web.Response:
    """List all profiles, oldest first, and the formats that they can be exported to and imported from."""
    del request
    registry = application.profiles.registry()
    formats = [
        {"id": each.id, "label": each.label, "suffix": each.suffix, "pack": each.can_pack, "unpack": each.can_unpack}
        for each in application.hooks.profile_formats().values()
    ]
    body = {
        "profiles": [profile.entry for profile in registry.profiles],
        "revision": registry.revision,
        "formats": formats,
    }
    return uncached_json(body)


@threaded_fields(in_space(POOLS))
def create(fields: Fields, application: Application) -> web.Response:
    """Create an empty profile; or one with the pictures of the pool ``from``, which stays as it is."""
    name, source = text_field(fields, "name"), text_field(fields, "from", "")
    profiles = application.profiles
    return web.json_response((profiles.adopt(source, name) if source else profiles.create(name)).entry)


@threaded_fields(in_space(POOLS))
def rename(fields: Fields, application: Application) -> web.Response:
    """Give a profile another name."""
    profile_id, name = text_field(fields, "id"), text_field(fields, "name")
    return web.json_response(application.profiles.rename(profile_id, name).entry)


@threaded_fields(in_space(POOLS))
def delete(fields: Fields, application: Application) -> web.Response:
    """Delete a profile with its pictures."""
    application.profiles.delete(text_field(fields, "id"))
    return web.json_response({})


@threaded_fields(in_space(POOLS))
def duplicate(fields: Fields, application: Application) -> web.Response:
    """Copy a profile; a name that is taken gets a number."""
    profile_id, name = text_field(fields, "id"), text_field(fields, "name", "") or None
    return web.json_response(application.profiles.duplicate(profile_id, name).entry)


@threaded_fields(in_space(POOLS))
def seed(fields: Fields, application: Application) -> web.Response:
    """Copy a pool's pictures into a profile; answer with the profile's pool."""
    source, profile_id = text_field(fields, "from"), text_field(fields, "id")
    seeded = application.profiles.seed(source, profile_id, operation_of(fields))
    return web.json_response({"id": profile_id, **view(seeded)})


@threaded_fields(in_space(POOLS))
def rebuild(fields: Fields, application: Application) -> web.Response:
    """Replace an unreadable list of profiles by one made from the pools."""
    del fields
    registry = application.profiles.rebuild()
    return web.json_response({"profiles": [profile.entry for profile in registry.profiles]})


async def export(request: web.Request, application: Application) -> web.StreamResponse:
    """Send a profile as a file, which is made while it is sent; with ``check``, only say what it will be: a download
    has no page that could show an error.
    """
    profile_id, form = request.query.get("id", ""), request.query.get("format", "")

    def found() -> tuple[ProfileTransfer, ProfileFormat, Profile, ProfileSource]:
        transfer = application.transfer
        profile_format, profile = transfer.format_of(form), application.profiles.get(profile_id)
        return transfer, profile_format, profile, transfer.source(profile.id, profile.name)

    transfer, profile_format, profile, source = await application.workers.space(POOLS).run(found)
    filename = f"{profile.name}{profile_format.suffix}"
    if request.query.get("check"):
        return uncached_json({"filename": filename, "count": source.count})
    write = partial(transfer.export, source, profile_format.id)
    return await stream_file(request, application, filename, profile_format.media_type, write)


async def import_(request: web.Request, application: Application) -> web.Response:
    """Read a profile from a file. With ``operation`` in the query it can be cancelled."""
    with application.tasks.running(request.query.get("operation")) as task, _temporary_file(application) as file:
        fields = await _receive(request, application, file)
        stem = PurePosixPath(fields.get("filename", "").replace("\\", "/")).stem

        def read() -> Profile:
            file.seek(0)
            name, form = fields.get("name", ""), fields.get("format", "")
            return application.transfer.import_(cancellable(file, task), name=name, format_id=form, fallback=stem)

        profile = await application.workers.of(TRANSFERS).run(read)
        task.result = profile.entry
        return web.json_response(profile.entry)


@contextmanager
def _temporary_file(application: Application) -> Iterator[BinaryIO]:
    with _room():
        file = tempfile.TemporaryFile(dir=spool_folder(application))  # noqa: SIM115 - closed below
    try:
        yield file
    finally:
        with suppress(OSError):  # on a full disk, the rest of its buffer fails once more
            file.close()


@contextmanager
def _room() -> Iterator[None]:
    """Turn what the disk refuses into our error."""
    try:
        yield
    except ConnectionError:  # the browser is gone, and the disk is not full
        raise
    except OSError as error:
        raise StoreFull(
            f"There is no room to receive the file: {error.strerror or error}.",
            hint="Nothing was imported. Free some space on the disk.",
        ) from error


async def _receive(request: web.Request, application: Application, file: BinaryIO) -> dict[str, str]:
    fields: dict[str, str] = {}
    async for part in read_parts(request, MAX_PARTS):
        if part.name == "file" and "filename" not in fields:
            fields["filename"] = part.filename or ""
            await _spool(part, application.workers.of(UPLOADS), file)
        else:
            fields.setdefault(part.name or "", await read_text(part))
    if "filename" not in fields:
        raise InvalidInput("The form holds no part “file”.", hint="Nothing was imported. Send the file as that part.")
    return fields


async def _spool(part: BodyPartReader, workers: Workers, file: BinaryIO) -> None:
    with _room():
        async for chunk in read_chunks(part):
            await workers.run(file.write, chunk)
        await workers.run(file.flush)


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

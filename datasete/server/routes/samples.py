"""The route that puts the samples of the example workflows where those look for them."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from datasete.application import Application
from datasete.config import POOLS
from datasete.samples import BESIDE, FOLDER, make_profile, place_photographs
from datasete.server.requests import Fields, in_space, threaded_fields


@threaded_fields(in_space(POOLS))
def place(fields: Fields, application: Application) -> web.Response:
    """Copy the photographs into the input folder and make the profile, where they are missing; say where they are."""
    del fields
    place_photographs(application.host.input_dir)
    profile = make_profile(application)
    return web.json_response(
        {"folder": FOLDER, "files": [*BESIDE], "profile": {"id": profile.id, "name": profile.name}}
    )


ROUTES: Final = (("POST", "/datasete/samples", place),)

"""Pictures are answered conditionally, and errors in one form."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from datasete.errors import StoreFull
from datasete.server.responses import EncodedPicture, conditional_picture, error_response


@pytest.mark.parametrize(
    ("known", "status"),
    [("", 200), ('"tag"', 304), ('W/"tag"', 304), ('"other", "tag"', 304), ('"other"', 200), ("*", 200)],
)
async def test_a_picture_that_the_browser_has_is_not_made_again(aiohttp_client: Any, known: str, status: int) -> None:
    made = []

    async def make() -> EncodedPicture:
        made.append(1)
        return b"picture", "image/png"

    async def service(request: web.Request) -> web.Response:
        return await conditional_picture(request, "tag", make, cache="no-cache")

    served = web.Application()
    served.router.add_get("/", service)
    client = await aiohttp_client(served)
    answer = await client.get("/", headers={"If-None-Match": known} if known else {})
    assert (answer.status, len(made)) == (status, 1 if status == 200 else 0)
    assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == ('"tag"', "no-cache")


def test_an_error_has_its_status_and_one_form() -> None:
    answer = error_response(StoreFull("The disk is full.", hint="The slot is unharmed."))
    assert answer.status == 507
    assert answer.text == (
        '{"error": {"code": "store_full", "message": "The disk is full.", "hint": "The slot is unharmed."}}'
    )

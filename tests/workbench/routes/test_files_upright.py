"""Pages of the embedded host see a picture as LoadImage reads it, and masks lie where they were painted."""

from __future__ import annotations

import json
from io import BytesIO

import numpy as np
import pytest
from aiohttp import FormData
from oriented import CARRIERS, arrow, turned
from PIL import Image

AS_A_PICTURE = {"Accept": "image/avif,image/webp,image/*,*/*;q=0.8"}
ORIENTED = pytest.mark.parametrize(
    "carrier", ["jpeg", "jpeg, long", "jpeg, XMP alone", "png, behind the pixels", "png, XMP alone", "webp", "avif"]
)


@pytest.fixture
def stored(data):
    """Stores the arrow, turned; returns how it is to be seen."""

    def store(carrier):
        (data / "input" / "arrow.png").write_bytes(CARRIERS[carrier].make(arrow(), 6))
        return turned(arrow(), 6 if CARRIERS[carrier].counts else 1)

    return store


@ORIENTED
@pytest.mark.parametrize("query", ["", "&preview=webp;100", "&channel=rgb"])
async def test_a_page_shows_what_a_run_loads(client, stored, carrier, query):
    expected = stored(carrier)
    answer = await client.get(f"/api/view?filename=arrow.png&type=input{query}", headers=AS_A_PICTURE)
    shown = Image.open(BytesIO(await answer.read()))
    if not (carrier == "avif" and not query):  # every browser turns an AVIF by its own properties
        assert np.abs(np.asarray(shown.convert("RGB")).astype(int) - expected).mean() < 8
        assert dict(shown.getexif()) == {}


@ORIENTED
async def test_whoever_downloads_a_picture_gets_its_own_bytes(client, stored, data, carrier):
    stored(carrier)
    answer = await client.get("/api/view?filename=arrow.png&type=input")
    assert await answer.read() == (data / "input" / "arrow.png").read_bytes()


@ORIENTED
async def test_a_mask_lies_where_it_was_painted(client, stored, data, carrier):
    expected = stored(carrier)
    alpha = np.where(expected[..., 0] > expected[..., 1] + 99, 0, 255).astype(np.uint8)  # over the tip
    painted = BytesIO()
    Image.fromarray(np.dstack((expected, alpha))).save(painted, "PNG")
    form = FormData(quote_fields=False)
    form.add_field("image", painted.getvalue(), filename="masked.png", content_type="image/png")
    form.add_field("original_ref", json.dumps({"filename": "arrow.png", "type": "input"}))
    assert (await client.post("/api/upload/mask", data=form)).status == 200
    with Image.open(data / "input" / "masked.png") as file:
        masked = np.asarray(file).astype(int)
        assert "exif" not in file.info
    assert (masked[..., 3] == alpha).all()
    assert np.abs(masked[..., :3] - expected).mean() < 8

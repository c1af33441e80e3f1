"""Answering gates over HTTP."""

from __future__ import annotations

import asyncio
import io
import threading
import zlib
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image

from datasete.imaging.chunks import assemble, make_chunk, make_header
from datasete.tasks.workers import RENDERING, THREADS


def _form(**fields: str) -> FormData:
    form = FormData(default_to_multipart=True)
    for name, value in fields.items():
        form.add_field(name, value)
    return form


@pytest.mark.parametrize("prefix", ["", "/api"])
async def test_a_choice_may_be_a_form_a_multipart_form_or_json(client: Any, waiting: Any, prefix: str) -> None:
    for body in (
        {"data": {"id": "7", "message": "2"}},
        {"data": _form(id="7", message="2")},
        {"json": {"id": "7", "message": 2}},
    ):
        await waiting.open()
        answer = await client.post(f"{prefix}/datasete_gate/choice", **body)
        assert (answer.status, await answer.json()) == (200, {})
        assert (await waiting.answer()).route == 2


async def test_a_token_answers_its_own_gate(client: Any, waiting: Any) -> None:
    first, second = await waiting.open(prompt_id="p"), await waiting.open(prompt_id="q")
    refused = await client.post("/datasete_gate/choice", data={"id": "7", "message": "1"})
    assert refused.status == 409
    assert "Both still wait" in (await refused.json())["error"]["hint"]
    await client.post("/datasete_gate/choice", data={"id": "7", "message": "2", "token": second})
    await client.post("/datasete_gate/choice", json={"message": "1", "token": first})
    assert ((await waiting.answer(0)).route, (await waiting.answer(1)).route) == (1, 2)


async def test_a_stop_ends_that_run_alone(client: Any, waiting: Any) -> None:
    mine = await waiting.open(prompt_id="p")
    await waiting.open("8", prompt_id="q")
    assert (
        await client.post("/datasete_gate/choice", data={"id": "7", "message": "__cancel__", "token": mine})
    ).status == 200
    assert (await waiting.answer(0)).route is None
    assert len(waiting.gates) == 1


@pytest.mark.parametrize(
    "fields", [{"token": "0" * 32}, {"id": "7", "token": "guess"}, {"id": "9"}, {"id": "../7"}], ids=str
)
async def test_dead_and_guessed_tokens_are_conflicts(client: Any, waiting: Any, fields: dict[str, str]) -> None:
    await waiting.open()
    answer = await client.post("/datasete_gate/choice", data=fields | {"message": "1"})
    assert answer.status == 409
    error = (await answer.json())["error"]
    assert set(error) == {"code", "message", "hint"}
    assert error["code"] == "conflict"
    assert len(waiting.gates) == 1


async def test_of_answers_and_stops_sent_at_once_one_wins(client: Any, waiting: Any) -> None:
    for _ in range(20):
        token = await waiting.open()
        messages = ["1", "2", "__cancel__", "1"]
        answers = await asyncio.gather(
            *(
                client.post("/datasete_gate/choice", data={"id": "7", "message": one, "token": token})
                for one in messages
            )
        )
        statuses = [answer.status for answer in answers]
        assert sorted(statuses) == [200, 409, 409, 409]
        route = (await waiting.answer()).route
        assert messages[statuses.index(200)] == (str(route) if route else "__cancel__")


@pytest.mark.parametrize("message", ["0", "3", "-1", "", "x", "1.0", "１", "99999999999999999999"])
async def test_a_route_that_is_not_there_is_refused_and_the_gate_waits(client: Any, waiting: Any, message: str) -> None:
    await waiting.open(routes=2)
    answer = await client.post("/datasete_gate/choice", data={"id": "7", "message": message})
    assert answer.status == 400
    assert len(waiting.gates) == 1


@pytest.mark.parametrize("fields", [{}, {"message": "1"}, {"id": "", "message": "1"}, {"id": "7"}], ids=str)
async def test_a_choice_that_names_no_gate_or_no_route_is_refused(
    client: Any, waiting: Any, fields: dict[str, str]
) -> None:
    await waiting.open()
    assert (await client.post("/datasete_gate/choice", data=_form(**fields) if fields else "")).status in {400, 415}
    assert len(waiting.gates) == 1


async def test_a_countdown_can_be_held_by_whoever_may_answer(client: Any, waiting: Any) -> None:
    token = await waiting.open()
    assert (await client.post("/datasete_gate/hold", data={"id": "7", "token": "0" * 32})).status == 409
    assert (await client.post("/datasete_gate/hold", json={"id": "8", "token": token})).status == 400
    for body in ({"data": {"id": "7"}}, {"json": {"token": token}}):
        answer = await client.post("/datasete_gate/hold", **body)
        assert (answer.status, await answer.json()) == (200, {})
    assert len(waiting.gates) == 1


def _upload(data: bytes, **fields: str) -> FormData:
    form = _form(**fields)
    form.add_field("mask", io.BytesIO(data), filename="mask.png", content_type="image/png")
    return form


async def test_a_painted_mask_waits_for_the_choice(client: Any, waiting: Any, mask_png: bytes) -> None:
    await waiting.open()
    assert (await client.post("/datasete_gate/mask", data=_upload(mask_png, id="7"))).status == 200
    [entry] = (await (await client.get("/datasete_gate/pending")).json())["gates"]
    assert entry["masked"] is True
    await client.post("/datasete_gate/choice", data={"id": "7", "message": "1"})
    kept = (await waiting.answer()).mask.at(0)
    assert Image.open(io.BytesIO(kept)).tobytes() == Image.open(io.BytesIO(mask_png)).tobytes()


async def test_a_mask_is_for_all_frames_or_for_one(client: Any, waiting: Any, mask_png: bytes) -> None:
    token = await waiting.open(frames=3)
    empty = _grey(0)
    assert (await client.post("/datasete_gate/mask", data=_upload(mask_png, id="7"))).status == 200
    assert (await client.post("/datasete_gate/mask", data=_upload(empty, id="7", frame="1"))).status == 200
    [entry] = (await (await client.get("/datasete_gate/pending")).json())["gates"]
    assert (entry["masked"], entry["masks_differ"]) == (True, True)
    assert [(await _mask(client, token, frame)).getpixel((10, 10)) for frame in range(3)] == [255, 0, 255]
    await client.post("/datasete_gate/mask", data=_upload(mask_png, token=token))
    assert [(await _mask(client, token, frame)).getpixel((10, 10)) for frame in range(3)] == [255, 255, 255]


@pytest.mark.parametrize("frame", ["3", "-1", "x", "1.0", "１", "9999999", " 1"])
async def test_a_mask_for_no_frame_there_is_is_refused(client: Any, waiting: Any, mask_png: bytes, frame: str) -> None:
    await waiting.open(frames=3)
    answer = await client.post("/datasete_gate/mask", data=_upload(mask_png, id="7", frame=frame))
    assert answer.status == 400
    assert "were left as they were" in (await answer.text()) or "Nothing was changed" in (await answer.text())
    assert waiting.gates.pending()[0]["masked"] is False


async def test_masks_beyond_the_room_of_a_gate_are_refused(client: Any, waiting: Any) -> None:
    await waiting.open(frames=3)
    noise = _png(Image.effect_noise((1000, 900), 200))
    answers = [
        await client.post("/datasete_gate/mask", data=_upload(noise, id="7", frame=str(frame))) for frame in range(3)
    ]
    assert [answer.status for answer in answers] == [200, 200, 413]
    assert len(waiting.gates) == 1


async def test_the_mask_so_far_is_empty_then_the_slots_then_the_painted_one(
    client: Any, waiting: Any, mask_png: bytes
) -> None:
    bare = await waiting.open("5")
    assert (await _mask(client, bare, 1)).getextrema() == (0, 0)
    token = await waiting.open(frames=3, slot="cp1", slot_masks=(_grey(50), _grey(99)))
    assert [(await _mask(client, token, frame)).getpixel((9, 9)) for frame in range(3)] == [50, 99, 99]
    await client.post("/datasete_gate/mask", data=_upload(mask_png, token=token, frame="0"))
    assert [(await _mask(client, token, frame)).getpixel((9, 9)) for frame in range(3)] == [255, 99, 99]


async def test_the_mask_so_far_is_as_large_as_the_picture(client: Any, waiting: Any) -> None:
    token = await waiting.open(slot_masks=(_png(Image.new("L", (8, 6), 77)),))
    assert (await _mask(client, token)).getextrema() == (77, 77)


async def test_the_mask_so_far_of_a_gate_or_frame_that_is_not_there_is_not_found(client: Any, waiting: Any) -> None:
    token = await waiting.open(frames=2)
    for path in (f"{token}/2", f"{token}/x", f"{'0' * 32}/0"):
        assert (await client.get(f"/datasete_gate/mask/{path}")).status == 404


async def _mask(client: Any, token: str, frame: int = 0) -> Image.Image:
    answer = await client.get(f"/datasete_gate/mask/{token}/{frame}")
    assert (answer.status, answer.content_type, answer.headers["Cache-Control"]) == (200, "image/png", "no-store")
    image = Image.open(io.BytesIO(await answer.read()))
    assert (image.mode, image.size) == ("L", (64, 48))
    return image


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _grey(value: int) -> bytes:
    return _png(Image.new("L", (64, 48), value))


def _lying(width: int, height: int, body: bytes = b"") -> bytes:
    return assemble(make_header(width, height, color=0), make_chunk(b"IDAT", body))


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("L", (64, 48)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"not a picture", 422),
        (b"\x89PNG\r\n\x1a\n", 422),
        (_jpeg(), 422),
        (_lying(64, 48), 422),
        (_lying(64, 48, zlib.compress(b"\0" * 10)), 422),
        (_lying(0, 48), 422),
        (_lying(20_000, 20_000), 422),
        (_lying(2**31 - 1, 2**31 - 1), 422),
        (_lying(2000, 2000, zlib.compress(bytes(2001 * 2000))), 413),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 2_000_001, 413),
        (b"", 400),
    ],
    ids=[
        "text",
        "signature",
        "jpeg",
        "no pixels",
        "too few pixels",
        "no width",
        "lying 400 MP",
        "lying",
        "4 MP",
        "heavy",
        "empty",
    ],
)
async def test_a_mask_that_cannot_be_used_is_refused_and_the_gate_waits(
    client: Any, waiting: Any, data: bytes, status: int
) -> None:
    await waiting.open()
    answer = await client.post("/datasete_gate/mask", data=_upload(data, id="7"))
    assert answer.status == status
    [entry] = waiting.gates.pending()
    assert entry["masked"] is False


async def test_a_cut_mask_is_refused(client: Any, waiting: Any, mask_png: bytes) -> None:
    await waiting.open()
    for length in range(8, len(mask_png) - 12, 7):
        assert (await client.post("/datasete_gate/mask", data=_upload(mask_png[:length], id="7"))).status == 422


async def test_a_mask_for_a_gate_that_is_gone_is_a_conflict(client: Any, waiting: Any, mask_png: bytes) -> None:
    token = await waiting.open()
    await client.post("/datasete_gate/choice", data={"id": "7", "message": "1"})
    assert (await client.post("/datasete_gate/mask", data=_upload(mask_png, id="7", token=token))).status == 409
    assert not (await waiting.answer()).mask


async def test_pending_lists_gates_and_says_which_are_the_callers_own(client: Any, waiting: Any) -> None:
    assert await (await client.get("/datasete_gate/pending")).json() == {"gates": []}
    token = await waiting.open(slot="cp1")
    answer = await client.get("/datasete_gate/pending", params={"client_id": "tab"})
    [entry] = (await answer.json())["gates"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert (entry["token"], entry["own"], entry["slot"], entry["frames"]) == (token, True, "cp1", 2)
    [other] = (await (await client.get("/datasete_gate/pending")).json())["gates"]
    assert other["own"] is False


async def test_a_preview_is_bounded_and_never_stored(client: Any, waiting: Any) -> None:
    await waiting.open()
    [entry] = waiting.gates.pending()
    for size, shown in (("100", 100), ("99999", 4096), ("1", 16), ("", 1024)):
        answer = await client.get(entry["preview"], params={"size": size})
        assert Image.open(io.BytesIO(await answer.read())).size == (shown, shown)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("size", ["x", "-1", "1e3", "１０", "9999999"])
async def test_a_preview_size_that_is_no_number_is_refused(client: Any, waiting: Any, size: str) -> None:
    token = await waiting.open()
    assert (await client.get(f"/datasete_gate/preview/{token}/0", params={"size": size})).status == 400


@pytest.mark.parametrize("frame", ["2", "-1", "x", "１", "9999999", "0x0"])
async def test_a_frame_that_is_not_there_is_not_found(client: Any, waiting: Any, frame: str) -> None:
    token = await waiting.open(frames=2)
    assert (await client.get(f"/datasete_gate/preview/{token}/{frame}")).status == 404


async def test_a_flood_of_previews_is_rendered_few_at_a_time_and_delays_no_answer(client: Any, waiting: Any) -> None:
    rendering, most, go_on = set[int](), 0, threading.Event()

    def slow(frame: int, size: int) -> tuple[bytes, str]:
        nonlocal most
        rendering.add(threading.get_ident())
        most = max(most, len(rendering))
        assert go_on.wait(30)
        rendering.discard(threading.get_ident())
        return b"picture", "image/webp"

    waiting.preview = slow
    token = await waiting.open(routes=2)
    flood = [asyncio.create_task(client.get(f"/datasete_gate/preview/{token}/0")) for _ in range(80)]
    while not rendering:
        await asyncio.sleep(0.01)
    assert (await client.post("/datasete_gate/choice", data={"id": "7", "token": token, "message": "2"})).status == 200
    assert (await waiting.answer()).route == 2
    assert (await client.get("/datasete_gate/bus/list")).status == 200
    go_on.set()
    answers = await asyncio.gather(*flood)
    assert {answer.status for answer in answers} <= {200, 404}
    assert 1 <= most <= THREADS[RENDERING]


async def test_a_preview_goes_with_its_gate(client: Any, waiting: Any) -> None:
    token = await waiting.open()
    await client.post("/datasete_gate/choice", data={"id": "7", "message": "1"})
    for gone in (token, "0" * 32):
        assert (await client.get(f"/datasete_gate/preview/{gone}/0")).status == 404


async def _transparent(client: Any, token: str, size: int = 1024, frame: int = 0, channel: str = "a") -> Image.Image:
    answer = await client.get(f"/datasete_gate/preview/{token}/{frame}", params={"channel": channel, "size": size})
    assert (answer.status, answer.content_type) == (200, "image/png")
    return Image.open(io.BytesIO(await answer.read())).getchannel("A")


async def test_an_editor_is_shown_the_mask_so_far_as_transparency(client: Any, waiting: Any, mask_png: bytes) -> None:
    token = await waiting.open()
    assert (await _transparent(client, token)).getextrema() == (255, 255)
    await client.post("/datasete_gate/mask", data=_upload(mask_png, id="7"))
    alpha = await _transparent(client, token)
    assert (alpha.size, alpha.getpixel((10, 10)), alpha.getpixel((40, 40))) == ((64, 48), 0, 255)
    assert (await _transparent(client, token, 32)).size == (32, 24)


async def test_a_mask_is_shown_as_a_tint_over_its_picture(client: Any, waiting: Any, mask_png: bytes) -> None:
    token = await waiting.open(frames=2)
    assert (await _transparent(client, token, channel="tint")).getextrema() == (0, 0)
    await client.post("/datasete_gate/mask", data=_upload(mask_png, id="7", frame="1"))
    tint = await _transparent(client, token, frame=1, channel="tint")
    assert (tint.size, tint.getpixel((10, 10)), tint.getpixel((40, 40))) == ((64, 48), 153, 0)
    [gate] = (await (await client.get("/datasete_gate/pending")).json())["gates"]
    assert (gate["paintings"], gate["tinted"]) == (1, True)


async def test_an_editor_begins_with_the_mask_of_its_frame(client: Any, waiting: Any, mask_png: bytes) -> None:
    token = await waiting.open(frames=2)
    await client.post("/datasete_gate/mask", data=_upload(mask_png, id="7", frame="1"))
    assert (await _transparent(client, token)).getextrema() == (255, 255)
    assert (await _transparent(client, token, frame=1)).getpixel((10, 10)) == 0


async def test_an_editor_begins_with_the_slots_own_mask(client: Any, waiting: Any, mask_png: bytes) -> None:
    token = await waiting.open(slot="cp1", slot_masks=(mask_png,))
    assert (await _transparent(client, token)).getpixel((10, 10)) == 0
    await client.post("/datasete_gate/choice", data={"id": "7", "message": "1"})
    assert not (await waiting.answer()).mask

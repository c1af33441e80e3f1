"""The samples of the example workflows, asked for by a page."""

from __future__ import annotations

from typing import Any

from datasete.samples import BESIDE, FOLDER, NAME, SAMPLES


async def test_they_are_placed_once_and_asking_again_changes_nothing(page: Any, pool_app: Any) -> None:
    for _ in range(2):
        answer = await page.post("/datasete/samples", json={})
        assert answer.status == 200
        assert await answer.json() == {
            "folder": FOLDER,
            "files": [*BESIDE],
            "profile": {"id": SAMPLES, "name": NAME},
        }
        assert all((pool_app.host.input_dir / name).is_file() for name in BESIDE)
    profiles = await (await page.get("/grid_pool/profiles/list")).json()
    assert [profile["id"] for profile in profiles["profiles"]] == [SAMPLES]


async def test_a_place_that_cannot_be_written_is_an_answer_in_words(page: Any, pool_app: Any) -> None:
    pool_app.host.input_dir.mkdir(parents=True, exist_ok=True)
    (pool_app.host.input_dir / FOLDER).write_bytes(b"a file")
    answer = await page.post("/datasete/samples", json={})
    assert answer.status >= 500
    assert "cannot be written" in (await answer.json())["error"]["message"]


async def test_another_site_cannot_ask(page: Any) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert (await page.post("/datasete/samples", json={}, headers=headers)).status == 403

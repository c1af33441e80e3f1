"""Queue and history as jobs, which newer frontends ask for."""

from __future__ import annotations

import uuid

import pytest


async def jobs(client, **query):
    answer = await client.get("/api/jobs", params=query)
    assert answer.status == 200
    return await answer.json()


async def test_a_finished_run_is_a_completed_job_with_a_preview(client, tab, preview):
    prompt_id = await tab.queue(preview(), extra_data={"extra_pnginfo": {"workflow": {"id": "w"}}})
    await tab.events()

    (job,) = (await jobs(client, status="completed"))["jobs"]
    assert job["id"] == prompt_id
    assert job["status"] == "completed"
    assert job["workflow_id"] == "w"
    assert job["outputs_count"] == 1
    assert job["preview_output"]["nodeId"] == "2"
    assert job["preview_output"]["mediaType"] == "images"
    assert job["execution_end_time"] >= job["execution_start_time"] >= job["create_time"]

    whole = await (await client.get(f"/api/jobs/{prompt_id}")).json()
    assert whole["outputs"]["2"]["images"]
    assert whole["workflow"]["prompt"]["1"]["class_type"] == "LoadImage"


async def test_waiting_and_running_runs_are_jobs_that_can_be_cancelled(client, tab, gate, preview):
    running = await tab.queue(gate)
    await tab.next("datasete-gate-show")
    waiting = await tab.queue(preview())

    found = (await jobs(client, status="in_progress,pending", limit="200"))["jobs"]
    assert {job["id"]: job["status"] for job in found} == {running: "in_progress", waiting: "pending"}
    assert (await (await client.get(f"/api/jobs/{running}")).json())["status"] == "in_progress"

    assert await (await client.post(f"/api/jobs/{waiting}/cancel")).json() == {"cancelled": True}
    assert await (await client.post("/api/jobs/cancel", json={"job_ids": [running]})).json() == {"cancelled": True}
    await tab.next("execution_interrupted")
    while (await jobs(client, status="in_progress"))["jobs"]:
        await tab.next("status")
    assert [job["status"] for job in (await jobs(client))["jobs"]] == ["cancelled"]


async def test_cancelling_what_is_over_changes_nothing(client):
    assert await (await client.post(f"/api/jobs/{uuid.uuid4()}/cancel")).json() == {"cancelled": False}


async def test_a_failed_run_is_a_failed_job_with_its_error(client, tab, data, preview):
    prompt = preview()
    (data / "input" / "broken.png").write_bytes(b"no picture")
    prompt["1"]["inputs"]["image"] = "broken.png"
    prompt_id = await tab.queue(prompt)
    await tab.events()

    job = await (await client.get(f"/api/jobs/{prompt_id}")).json()
    assert job["status"] == "failed"
    assert job["execution_error"]["node_id"] == "1"


async def test_jobs_come_in_pages_newest_first(client, tab, preview):
    ids = []
    for name in ("chelsea.png", "camera.png", "rocket.jpg"):
        ids.append(await tab.queue(preview(name)))
        await tab.events()

    page = await jobs(client, limit="2")
    assert page["pagination"] == {"offset": 0, "limit": 2, "total": 3, "has_more": True}
    rest = await jobs(client, limit="2", offset="2")
    assert [job["id"] for job in page["jobs"] + rest["jobs"]] == ids[::-1]
    assert [job["id"] for job in (await jobs(client, sort_order="asc"))["jobs"]] == ids
    assert len((await jobs(client, sort_by="execution_duration"))["jobs"]) == 3
    assert (await jobs(client, workflow_id="other"))["jobs"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "offset=x", "status=odd"])
async def test_a_bad_query_is_refused(client, tab, preview, query):
    await tab.queue(preview())
    await tab.events()

    assert (await client.get(f"/api/jobs?{query}")).status == 400


@pytest.mark.parametrize("body", [{}, {"job_ids": "x"}, {"job_ids": [{}]}])
async def test_a_bad_list_of_jobs_is_refused(client, body):
    assert (await client.post("/api/jobs/cancel", json=body)).status == 400


async def test_an_unknown_job_is_not_found(client):
    assert (await client.get(f"/api/jobs/{uuid.uuid4()}")).status == 404

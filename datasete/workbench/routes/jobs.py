"""Routes of jobs: the queue and the history in one form, which newer frontends ask for."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from datasete.errors import InvalidInput, NotFound
from datasete.workbench.prompt_queue import Entry, QueuedRun
from datasete.workbench.routes.base import Route, json_object, json_response, whole_number
from datasete.workbench.workbench import Workbench

Job = dict[str, Any]
STATES = ("pending", "in_progress", "completed", "failed", "cancelled")


def routes(workbench: Workbench) -> list[Route]:
    """List, show and cancel jobs."""
    queue = workbench.queue

    async def listing(request: web.Request) -> web.Response:
        jobs = [job for job in _all(workbench) if _is_wanted(job, request)]
        jobs.sort(key=_sort_key(request), reverse=request.query.get("sort_order", "desc") == "desc")
        limit, offset = whole_number(request, "limit"), max(0, whole_number(request, "offset") or 0)
        if limit is not None and limit <= 0:
            raise InvalidInput("limit must be a positive integer")
        page = jobs[offset:][:limit]
        more = offset + len(page) < len(jobs)
        pagination = {"offset": offset, "limit": limit, "total": len(jobs), "has_more": more}
        return json_response({"jobs": page, "pagination": pagination})

    async def one(request: web.Request) -> web.Response:
        job_id = request.match_info["job_id"]
        entry = queue.finished(job_id)
        if entry is not None:
            return json_response(_finished(job_id, entry, details=True))
        job = next((job for job in _all(workbench) if job["id"] == job_id), None)
        if job is None:
            raise NotFound("Job not found")
        return json_response(job)

    async def cancel(request: web.Request) -> web.Response:
        return json_response({"cancelled": _cancel(workbench, request.match_info["job_id"])})

    async def cancel_many(request: web.Request) -> web.Response:
        ids = (await json_object(request)).get("job_ids")
        if not isinstance(ids, list) or not all(isinstance(job_id, str) for job_id in ids):
            raise InvalidInput("job_ids must be a list of ids")
        return json_response({"cancelled": sum(_cancel(workbench, job_id) for job_id in ids) > 0})

    return [
        ("GET", "/jobs", listing),
        ("POST", "/jobs/cancel", cancel_many),
        ("GET", "/jobs/{job_id}", one),
        ("POST", "/jobs/{job_id}/cancel", cancel),
    ]


def _cancel(workbench: Workbench, job_id: str) -> bool:
    return workbench.queue.remove([job_id]) > 0 or workbench.queue.interrupt(job_id)


def _all(workbench: Workbench) -> list[Job]:
    running = workbench.queue.running()
    waiting = [_unfinished(job, "pending") for job in workbench.queue.pending()]
    done = [_finished(job_id, entry) for job_id, entry in workbench.queue.history().items()]
    return ([_unfinished(running, "in_progress")] if running else []) + waiting + done


def _is_wanted(job: Job, request: web.Request) -> bool:
    states = [state for state in request.query.get("status", "").lower().split(",") if state]
    unknown = [state for state in states if state not in STATES]
    if unknown:
        raise InvalidInput(f"Invalid status value(s): {', '.join(unknown)}. Valid values: {', '.join(STATES)}")
    workflow = request.query.get("workflow_id")
    return (not states or job["status"] in states) and (not workflow or job.get("workflow_id") == workflow)


def _sort_key(request: web.Request) -> Any:
    if request.query.get("sort_by") == "execution_duration":
        return lambda job: job.get("execution_end_time", 0) - job.get("execution_start_time", 0)
    return lambda job: job.get("create_time", 0)


def _unfinished(job: QueuedRun, status: str) -> Job:
    counts = {"outputs_count": 0, "previewable_outputs_count": 0}
    return _pruned({"id": job.prompt_id, "status": status, "priority": job.number} | _origin(job.extra_data) | counts)


def _finished(job_id: str, entry: Entry, *, details: bool = False) -> Job:
    number, _, prompt, extra_data, _ = entry["prompt"]
    messages = dict(entry["status"]["messages"])
    failed = "cancelled" if "execution_interrupted" in messages else "failed"
    ends = [data["timestamp"] for name, data in entry["status"]["messages"] if name != "execution_cached"]
    outputs = _files(entry["outputs"])
    shown = [item for item in outputs if item.get("type") == "output"] or outputs
    job = {
        "id": job_id,
        "status": "completed" if entry["status"]["completed"] else failed,
        "priority": number,
        "execution_start_time": messages.get("execution_start", {}).get("timestamp"),
        "execution_end_time": ends[-1] if ends else None,
        "execution_error": messages.get("execution_error"),
        "outputs_count": len(outputs),
        "previewable_outputs_count": len(outputs),
        "preview_output": shown[0] if shown else None,
    }
    job |= _origin(extra_data)
    if details:
        job |= {"outputs": entry["outputs"], "execution_status": entry["status"]}
        job["workflow"] = {"prompt": prompt, "extra_data": extra_data}
    return _pruned(job)


def _files(outputs: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every file that the nodes reported, with the node it is from."""
    return [
        {**item, "nodeId": node_id, "mediaType": kind}
        for node_id, ui in outputs.items()
        for kind, items in ui.items()
        for item in items
        if isinstance(item, dict)
    ]


def _origin(extra_data: dict[str, Any]) -> Job:
    info = extra_data.get("extra_pnginfo")
    workflow = info.get("workflow") if isinstance(info, dict) else None
    workflow_id = workflow.get("id") if isinstance(workflow, dict) else None
    return {"create_time": extra_data.get("create_time"), "workflow_id": workflow_id}


def _pruned(job: Job) -> Job:
    return {key: value for key, value in job.items() if value is not None}

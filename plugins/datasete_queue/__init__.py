"""Queue triggers: the ways in which the next run of a batch is queued.

``server`` puts the prompt back on the host's own queue; ``browser`` asks the tab that queued the last run; ``impact``
sends the event that some setups answer; ``http`` posts to another ComfyUI; ``manual`` waits for a person; ``auto``
is ``server``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from datasete.plugin import ConfigError, InvalidInput, QueueJob, Ticket, hookimpl
from datasete_queue.widgets import advance


@hookimpl(trylast=True)
def datasete_queue_trigger(job: QueueJob) -> Ticket | None:
    """Queue one more run with the trigger that the configuration names; decline quietly without a server.

    Raises:
        ConfigError: no trigger has that name, or it cannot be used as it is configured.
        InvalidInput: the run was rejected.
    """
    # Declined, not refused: a script calls the nodes itself, run by run, and needs no trigger.
    if job.enqueue is None:
        return None
    chosen = job.trigger
    if chosen in OF_THIS_HOST and job.client_id and job.extra_data.get(QUEUED_BY) == "browser":
        chosen = "browser"  # the workflow has values that only its page can choose
    trigger = TRIGGERS.get(chosen)
    if trigger is None:
        raise ConfigError(
            f"No trigger is named “{job.trigger}”, which batch.trigger asks for.",
            hint=f"The batch keeps its place. Choose from {', '.join(TRIGGERS)}.",
        )
    return trigger(job)


def server(job: QueueJob) -> Ticket | None:
    """Put the prompt back on the host's queue, with its widgets advanced as the frontend does it. Needs no open tab."""
    if job.enqueue is None:
        return None
    prompt, extra_data = advance(job.prompt, job.extra_data, job.steps, job.node_inputs)
    return Ticket("server", job.enqueue(prompt, extra_data))


def browser(job: QueueJob) -> Ticket:
    """Ask the tab that queued the last run to press Queue once more; it advances its widgets itself.

    The event names the ticket, which the tab may put under ``datasete_ticket`` into its prompt's extra data, and the
    workflow that is meant: another one may be on its canvas by now.

    Raises:
        InvalidInput: no tab queued it.
    """
    if job.client_id is None:
        raise InvalidInput(
            "No browser can be asked for the next run: no tab queued the last one.",
            hint="The batch keeps its place. Press Queue in a tab, or set batch.trigger to “server”.",
        )
    job.send("datasete-batch-next", {"ticket": job.ticket, "workflow": _workflow(job.extra_data)}, job.client_id)
    return Ticket("browser", carried=False)


def _workflow(extra_data: Mapping[str, Any]) -> str:
    info = extra_data.get("extra_pnginfo")
    workflow = info.get("workflow") if isinstance(info, Mapping) else None
    return str(workflow.get("id") or "") if isinstance(workflow, Mapping) else ""


def impact(job: QueueJob) -> Ticket:
    """Send the event that Impact Pack's frontend answers to the tab that queued the last run, or else to all."""
    # The event carries no ticket, so the next run that is queued counts as the continuation.
    job.send("impact-add-queue", {}, job.client_id)
    return Ticket("impact", carried=False)


def http(job: QueueJob) -> Ticket:
    """Post the prompt to the configured ComfyUI, once, however often the network fails.

    Raises:
        ConfigError: no usable URL is configured.
        InvalidInput: that ComfyUI rejects the prompt.
        StoreUnavailable: it cannot be reached.
    """
    from datasete_queue.remote import post_once

    prompt, extra_data = advance(job.prompt, job.extra_data, job.steps, job.node_inputs)
    post_once(job.url, job.ticket, prompt, extra_data, job.client_id)
    return Ticket("http")


def manual(job: QueueJob) -> Ticket:
    """Do nothing: the next press of Queue continues the batch."""
    del job
    return Ticket("manual", carried=False)


Trigger = Callable[[QueueJob], "Ticket | None"]

OF_THIS_HOST: Final = ("auto", "server")

QUEUED_BY: Final = "datasete_queued_by"
"""The key of a prompt's extra data under which our page says that its tab is to queue the runs."""

TRIGGERS: Final[dict[str, Trigger]] = {
    "auto": server,
    "server": server,
    "browser": browser,
    "impact": impact,
    "http": http,
    "manual": manual,
}

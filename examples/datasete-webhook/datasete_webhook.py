"""Tells a URL what happens at gates, on the bus and in batches, and has a URL queue the next run of a batch.

Everything is set in the environment: addresses like these are secrets as often as not.

=================================  ================================================================
``DATASETE_WEBHOOK_URL``           is told of opened gates, published slots and finished batches
``DATASETE_WEBHOOK_QUEUE_URL``     is asked for the next run when ``batch.trigger`` is ``webhook``
``DATASETE_WEBHOOK_TOKEN``         goes along as ``Authorization: Bearer …``
=================================  ================================================================
"""

from __future__ import annotations

import json
import logging
import os
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast
from urllib.error import HTTPError
from urllib.parse import urlsplit

from datasete.plugin import BatchProgress, ConfigError, Gate, InvalidInput, QueueJob, StoreUnavailable, Ticket, hookimpl

NOTICES = "DATASETE_WEBHOOK_URL"
QUEUE = "DATASETE_WEBHOOK_QUEUE_URL"
TOKEN = "DATASETE_WEBHOOK_TOKEN"  # noqa: S105 - the variable's name
TIMEOUT = 5.0
KEPT = "The batch keeps its place."

logger = logging.getLogger(__name__)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Whoever answers elsewhere does not get our token."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Never."""


OPENER = urllib.request.build_opener(_NoRedirects)


@hookimpl
def datasete_gate_opened(gate: Gate) -> None:
    """A person is waited for."""
    tell("gate_opened", asdict(gate))


@hookimpl
def datasete_slot_published(slot: str, version: str) -> None:
    """A slot has a new picture."""
    tell("slot_published", {"slot": slot, "version": version})


@hookimpl
def datasete_batch_finished(batch: BatchProgress) -> None:
    """A folder is done."""
    tell("batch_finished", asdict(batch))


@hookimpl
def datasete_queue_trigger(job: QueueJob) -> Ticket | None:
    """Hand the next run to the configured URL, in the form that ComfyUI's own ``/prompt`` takes.

    Raises:
        ConfigError: no URL is configured.
        InvalidInput: the receiver refuses the run.
        StoreUnavailable: it does not answer. It may have queued the run: the ticket in ``prompt_id`` tells it.
    """
    if job.trigger != "webhook" or job.enqueue is None:
        return None  # somebody else's trigger, or no server around us
    if not os.environ.get(QUEUE):
        raise ConfigError(f"The trigger “webhook” has nobody to ask: {QUEUE} is not set.", hint=KEPT)
    run = {"prompt": job.prompt, "prompt_id": job.ticket, "client_id": job.client_id, "steps": job.steps}
    try:
        post(QUEUE, {**run, "extra_data": {**job.extra_data, "datasete_ticket": job.ticket}})
    except HTTPError as error:
        with error:
            raise InvalidInput(f"The webhook refuses the next run with status {error.code}.", hint=KEPT) from None
    except OSError as error:
        raise StoreUnavailable(f"The webhook gave no answer ({type(error).__name__}).", hint=KEPT) from None
    return Ticket("webhook")


def tell(event: str, data: Mapping[str, object]) -> None:
    """Post one notice; a receiver that fails is one line in the log. Observers run beside gates and delay none."""
    if not os.environ.get(NOTICES):
        return
    try:
        post(NOTICES, {"event": event, "data": data})
    except HTTPError as error:
        with error:
            logger.warning("The webhook answered “%s” with status %d.", event, error.code)
    except OSError as error:
        logger.warning("The webhook was not told of “%s”: no answer (%s).", event, type(error).__name__)


def post(variable: str, body: Mapping[str, object]) -> None:
    """Post JSON to the URL in an environment variable.

    Raises:
        ConfigError: it is no http address. It is not shown.
        OSError: no answer, or a refusal (an HTTPError).
    """
    url = os.environ[variable]
    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError(f"{variable} is no http address.", hint="Nothing was sent.")
    headers = {"Content-Type": "application/json", "User-Agent": "datasete-webhook"}
    if os.environ.get(TOKEN):
        headers["Authorization"] = f"Bearer {os.environ[TOKEN]}"
    data = json.dumps(body, default=_plain).encode()
    with OPENER.open(urllib.request.Request(url, data, headers), timeout=TIMEOUT) as answer:  # noqa: S310 - checked
        answer.read()


def _plain(value: object) -> object:
    return dict(cast("Mapping[str, object]", value)) if isinstance(value, Mapping) else str(value)

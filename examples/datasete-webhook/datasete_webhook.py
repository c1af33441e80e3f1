"""Posts notices of gates, slots and batches to a URL, and has a URL queue the next run of a batch.

All settings come from the environment, because such addresses are often secrets.

=================================  ================================================================
``DATASETE_WEBHOOK_URL``           gets notices of opened gates, published slots and finished batches
``DATASETE_WEBHOOK_QUEUE_URL``     gets the next run when ``batch.trigger`` is ``webhook``
``DATASETE_WEBHOOK_TOKEN``         is sent as ``Authorization: Bearer …``
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
TIMEOUT_SECONDS = 5.0
UNHARMED = "The batch keeps its position. Press Queue to go on."

logger = logging.getLogger(__name__)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirects: another address must not get our token."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Refuse it."""


OPENER = urllib.request.build_opener(_NoRedirects)


@hookimpl
def datasete_gate_opened(gate: Gate) -> None:
    """Post that a gate waits for a person."""
    tell("gate_opened", asdict(gate))


@hookimpl
def datasete_slot_published(slot: str, version: str) -> None:
    """Post that a slot has a new picture."""
    tell("slot_published", {"slot": slot, "version": version})


@hookimpl
def datasete_batch_finished(batch: BatchProgress) -> None:
    """Post that a batch is finished."""
    tell("batch_finished", asdict(batch))


@hookimpl
def datasete_queue_trigger(job: QueueJob) -> Ticket | None:
    """Post the next run to the configured URL, in the form of ComfyUI's own ``/prompt``.

    Raises:
        ConfigError: no URL is configured.
        InvalidInput: the receiver refuses the run.
        StoreUnavailable: it does not answer. It may have queued the run all the same; the ticket in ``prompt_id`` shows
            that a second request is the same run.
    """
    if job.trigger != "webhook" or job.enqueue is None:
        return None  # another trigger is asked for, or no server is running
    if not os.environ.get(QUEUE):
        raise ConfigError(
            f"The trigger “webhook” has no address: {QUEUE} is not set.", hint=f"{UNHARMED} Set the variable."
        )
    run = {"prompt": job.prompt, "prompt_id": job.ticket, "client_id": job.client_id, "steps": job.steps}
    try:
        post(QUEUE, {**run, "extra_data": {**job.extra_data, "datasete_ticket": job.ticket}})
    except HTTPError as error:
        with error:
            raise InvalidInput(f"The webhook refuses the next run with status {error.code}.", hint=UNHARMED) from None
    except OSError as error:
        raise StoreUnavailable(f"The webhook gave no answer ({type(error).__name__}).", hint=UNHARMED) from None
    return Ticket("webhook")


def tell(event: str, data: Mapping[str, object]) -> None:
    """Post one notice. A receiver that fails is one line in the log; no gate waits for it."""
    if not os.environ.get(NOTICES):
        return
    try:
        post(NOTICES, {"event": event, "data": data})
    except HTTPError as error:
        with error:
            logger.warning("The webhook answered “%s” with status %d.", event, error.code)
    except OSError as error:
        logger.warning("The webhook did not answer to “%s” (%s).", event, type(error).__name__)


def post(variable: str, body: Mapping[str, object]) -> None:
    """Post JSON to the URL in an environment variable.

    Raises:
        ConfigError: it is not an http address. The address is not shown.
        OSError: there was no answer, or a refusal (an HTTPError).
    """
    url = os.environ[variable]
    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError(f"{variable} is not an http address.", hint="Nothing was sent. Correct the variable.")
    headers = {"Content-Type": "application/json", "User-Agent": "datasete-webhook"}
    if os.environ.get(TOKEN):
        headers["Authorization"] = f"Bearer {os.environ[TOKEN]}"
    data = json.dumps(body, default=_plain).encode()
    with OPENER.open(urllib.request.Request(url, data, headers), timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - checked
        answer.read()


def _plain(value: object) -> object:
    return dict(cast("Mapping[str, object]", value)) if isinstance(value, Mapping) else str(value)

"""The triggers of one host: having the next run queued, and noticing when it will never come."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from datasete.batch import machine
from datasete.batch.prompts import KnownPrompt
from datasete.batch.state import Batch, Entry, PendingTrigger
from datasete.config import BatchSettings
from datasete.errors import DataseteError
from datasete.hooks.manager import Hooks
from datasete.host.api import Host, queued_prompt
from datasete.host.runs import TICKET, QueuedPrompt
from datasete.ids import new_id
from datasete.plugin import QueueJob

if TYPE_CHECKING:
    from filelock import FileLock

logger = logging.getLogger(__name__)

Change: TypeAlias = Callable[[Batch, int], Batch]
"""What happens to a batch at a time in Unix milliseconds."""


class Triggers:
    """Sends triggers and knows which runs they queued. The `Coordinator` alone calls it, under its lock."""

    def __init__(self, host: Host, hooks: Hooks, settings: BatchSettings, ledger: Path) -> None:
        self._host = host
        self._hooks = hooks
        self._settings = settings
        self._ledger = ledger
        self._awaited: dict[str, tuple[str, ...]] = {}
        self._sending: set[str] = set()
        self._owner: FileLock | None = None

    def send(self, keys: Sequence[str], ticket: str, known: KnownPrompt | None) -> Change:
        """Have one run queued for all of `keys`; return the change to make to each of them."""
        self._sending.add(ticket)
        try:
            answer = self._hooks.queue_trigger(self._job(keys, ticket, known or KnownPrompt(QueuedPrompt("", {}), 1)))
        except DataseteError as error:
            logger.warning("A batch stops. %s", error)
            message = str(error)
            return lambda batch, now: machine.lose_trigger(batch, now, message)
        finally:
            self._sending.discard(ticket)
        if answer is None:
            return lambda batch, _: machine.decline_trigger(batch, ticket)
        if answer.run:
            self._awaited[answer.run] = tuple(keys)
        return lambda batch, _: machine.confirm_trigger(
            batch, ticket, answer.trigger, answer.run, carried=answer.carried
        )

    def pop_awaited(self, run: str) -> tuple[str, ...]:
        """The keys of the batches that a run was queued for; it is not awaited any more."""
        return self._awaited.pop(run, ())

    def is_lost(self, pending: PendingTrigger | None) -> bool:
        """Whether an outstanding trigger will lead to no run."""
        # While it is being sent it is neither: the prompt may wait in the host's validation, and a loader of another
        # run may ask meanwhile. A trigger without a ticket of its own may still be answered by anyone.
        if pending is None or not pending.carried or pending.ticket in self._sending:
            return False
        if not pending.trigger:
            return True  # the process ended between writing the trigger down and sending it
        return bool(pending.run) and queued_prompt(self._host, pending.run) is None

    def find_waiting(self, entry: Entry) -> Change | None:
        """Return the change that makes a run queued for a batch before it stopped its trigger again, if one waits."""
        for run, keys in self._awaited.items():
            if entry.key in keys and run != entry.batch.held and queued_prompt(self._host, run):
                return lambda batch, now: replace(
                    batch, pending=PendingTrigger(run, now, trigger=batch.trigger, run=run)
                )
        return None

    def own_ledger(self) -> bool:
        """Become the one server that works with the ledger, unless another is; return whether this one is."""
        from filelock import FileLock, Timeout

        # A file lock: the system releases it when the process is killed, so a crashed server blocks no other one.
        self._owner = self._owner or FileLock(self._ledger.with_suffix(".lock"), thread_local=False)
        with contextlib.suppress(Timeout, OSError):
            if not self._owner.is_locked:
                self._owner.acquire(timeout=0)
        return self._owner.is_locked

    def close(self) -> None:
        """Let another process take over."""
        if self._owner:
            self._owner.release()

    def _job(self, keys: Sequence[str], ticket: str, known: KnownPrompt) -> QueueJob:
        prompt, runs = known.prompt, self._host.runs

        def enqueue(graph: Mapping[str, Any], extra: Mapping[str, Any]) -> str:
            assert runs is not None, "only offered where there is a queue"
            # Secrets are added here, behind the plugin's back: no trigger ever sees them.
            runs.enqueue(QueuedPrompt(ticket, graph, {**extra, TICKET: ticket}, prompt.secrets, prompt.targets))
            return ticket

        return QueueJob(
            ticket=ticket,
            batches=tuple(keys),
            trigger=self._settings.trigger,
            url=self._settings.url,
            prompt=prompt.graph,
            extra_data={**prompt.extra_data, TICKET: ticket},
            client_id=prompt.client_id,
            steps=known.steps,
            node_inputs=runs.node_inputs if runs else lambda _: {},
            send=self._host.send,
            enqueue=enqueue if runs else None,
        )


def shared_ticket(batch: Batch, tickets: dict[str, str]) -> str:
    """Return the ticket under which a batch that was interrupted continues; `tickets` are those of other batches."""
    # A lost trigger is sent again under its own ticket, so that it counts once wherever it arrives. Batches whose run
    # was interrupted together get one new ticket, so that they go on together.
    if batch.pending:
        return batch.pending.ticket
    return tickets.setdefault(batch.active.run if batch.active else new_id(), new_id())

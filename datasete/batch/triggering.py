"""Fires triggers through the hook, and knows which of those fired will not lead to a run any more."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from datasete.batch import machine as iteration
from datasete.batch.prompts import Known
from datasete.batch.records import Entry
from datasete.batch.state import Batch, Pending
from datasete.config import BatchSettings
from datasete.errors import DataseteError
from datasete.hooks.manager import Hooks
from datasete.host.api import Host
from datasete.host.runs import TICKET, QueuedPrompt
from datasete.plugin import QueueJob

if TYPE_CHECKING:
    from filelock import FileLock

logger = logging.getLogger(__name__)

Change: TypeAlias = Callable[[Batch], Batch]


class Triggering:
    """The triggers of one host.

    Attributes:
        awaited: runs that were queued for batches and have not ended, each with the batches' keys.
    """

    def __init__(self, host: Host, hooks: Hooks, settings: BatchSettings, clock: Callable[[], int]) -> None:
        self.awaited: dict[str, tuple[str, ...]] = {}
        self._host = host
        self._hooks = hooks
        self._settings = settings
        self._clock = clock
        self._firing: set[str] = set()
        self._owner: FileLock | None = None

    def fire(self, keys: Sequence[str], ticket: str, known: Known | None) -> Change:
        """Have one run queued for all of `keys`; return what is to be done to each of them."""
        self._firing.add(ticket)
        try:
            answer = self._hooks.queue_trigger(self._job(keys, ticket, known or Known(QueuedPrompt("", {}), 1)))
        except DataseteError as error:
            logger.warning("A batch stops. %s", error)
            message = str(error)
            return lambda batch: iteration.lose_trigger(batch, self._clock(), message)
        finally:
            self._firing.discard(ticket)
        if answer is None:
            return lambda batch: iteration.decline_trigger(batch, ticket)
        if answer.run:
            self.awaited[answer.run] = tuple(keys)
        return lambda batch: iteration.fired(batch, ticket, answer.trigger, answer.run, carried=answer.carried)

    def is_lost(self, pending: Pending | None) -> bool:
        """Whether a trigger is out that leads to no run: it was cut off before it was fired, or its prompt is gone."""
        if pending is None or not pending.carried or pending.ticket in self._firing:
            return False
        if not pending.trigger:
            return True
        runs = self._host.runs
        return bool(pending.run) and (runs is None or runs.prompt(pending.run) is None)

    def left_over(self, entry: Entry) -> Change | None:
        """What makes a run that was queued for a batch before it stopped, and waits still, its trigger again."""
        runs, batch = self._host.runs, entry.batch
        for run, keys in self.awaited.items():
            if entry.key in keys and run != batch.held and runs is not None and runs.prompt(run):
                pending = Pending(run, self._clock(), trigger=batch.trigger, run=run)
                return lambda batch: replace(batch, pending=pending)
        return None

    def only_one(self, ledger: Path) -> bool:
        """Whether no other host works with this ledger; this one is the one from now on, until it ends."""
        from filelock import FileLock, Timeout

        self._owner = self._owner or FileLock(ledger.with_suffix(".lock"), thread_local=False)
        with contextlib.suppress(Timeout, OSError):
            if not self._owner.is_locked:
                self._owner.acquire(timeout=0)
        return self._owner.is_locked

    def close(self) -> None:
        """Let another process take over."""
        if self._owner:
            self._owner.release()

    def _job(self, keys: Sequence[str], ticket: str, known: Known) -> QueueJob:
        prompt, runs = known.prompt, self._host.runs
        extra_data = {**prompt.extra_data, TICKET: ticket}

        def enqueue(graph: Mapping[str, Any], extra: Mapping[str, Any]) -> str:
            assert runs is not None, "only offered where there is a queue"
            runs.enqueue(QueuedPrompt(ticket, graph, {**extra, TICKET: ticket}, prompt.secrets, prompt.targets))
            return ticket

        return QueueJob(
            ticket=ticket,
            batches=tuple(keys),
            trigger=self._settings.trigger,
            url=self._settings.url,
            prompt=prompt.graph,
            extra_data=extra_data,
            client_id=prompt.client_id,
            steps=known.steps,
            node_inputs=runs.node_inputs if runs else lambda _: {},
            send=self._host.send,
            enqueue=enqueue if runs else None,
        )

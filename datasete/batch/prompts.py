"""The prompt that a batch continues with: always in memory; in the ledger only when nothing in it can be a secret."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from datasete.batch.state import Batch, Entry, LoaderCall
from datasete.host.runs import DYNAMIC, PRESS, QUEUED_BY, TICKET, QueuedPrompt

if TYPE_CHECKING:
    from datasete.batch.ledger import Ledger

STORABLE_EXTRA_DATA: Final = frozenset(
    {
        *("client_id", "comfy_usage_source", "create_time", "extra_pnginfo", "preview_method"),
        *(DYNAMIC, PRESS, QUEUED_BY, TICKET),
    }
)
"""The extra data that may be written to disk. Anything else that comes with a prompt may be a secret."""


@dataclass(frozen=True)
class KnownPrompt:
    """A prompt, and by how many runs its widgets must be advanced for the next one."""

    prompt: QueuedPrompt
    steps: int

    def for_client(self, client_id: str) -> KnownPrompt:
        """Return it as if that browser tab had queued it; unchanged without one."""
        if not client_id:
            return self
        extra_data = {**self.prompt.extra_data, "client_id": client_id}
        return replace(self, prompt=replace(self.prompt, extra_data=extra_data))


class Prompts:
    """The prompts of the current batches."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._memory: dict[str, tuple[int, QueuedPrompt]] = {}

    def remember(
        self, ledger: Ledger, entry: Entry, batch: Batch, call: LoaderCall, prompt: QueuedPrompt | None
    ) -> None:
        """Note the prompt of a run that takes a file; on a press, in the ledger as well."""
        if prompt is None:
            return
        with self._lock:
            self._memory[entry.key] = (batch.progress.position, prompt)
        # The prompt of a press is enough: those of triggered runs differ from it by their widgets alone, which can be
        # advanced by counting. So megabytes are written for each press, and not for each file.
        if not storable(prompt):
            ledger.drop_prompt(entry)
        elif not call.ticket or ledger.kept_prompt(entry) is None:
            ledger.keep_prompt(entry, batch.progress.position, _packed(prompt))

    def last(self, key: str, prompt: QueuedPrompt | None) -> KnownPrompt | None:
        """Return the prompt of the run that has just ended: `prompt`, where the host still has it."""
        if prompt is None:
            _, prompt = self._remembered(key)
        return KnownPrompt(prompt, 1) if prompt else None

    def kept(self, ledger: Ledger, entry: Entry) -> KnownPrompt | None:
        """Return the prompt to continue with when no run has just ended."""
        position, prompt = self._remembered(entry.key)
        if prompt is None:
            stored = ledger.kept_prompt(entry)
            if stored is None:
                return None
            position, prompt = stored[0], _unpacked(stored[1])
        return KnownPrompt(prompt, max(0, entry.batch.progress.position - position))

    def forget(self, key: str) -> None:
        """Forget the prompt in memory."""
        with self._lock:
            self._memory.pop(key, None)

    def _remembered(self, key: str) -> tuple[int, QueuedPrompt | None]:
        with self._lock:
            return self._memory.get(key, (0, None))


def storable(prompt: QueuedPrompt) -> bool:
    """Whether the prompt may be written to disk."""
    return not prompt.secrets and STORABLE_EXTRA_DATA.issuperset(prompt.extra_data)


def _packed(prompt: QueuedPrompt) -> dict[str, object]:
    return {"graph": prompt.graph, "extra_data": prompt.extra_data, "targets": list(prompt.targets)}


def _unpacked(stored: dict[str, object]) -> QueuedPrompt:
    graph, extra_data, targets = stored["graph"], stored["extra_data"], stored["targets"]
    assert isinstance(graph, dict)
    assert isinstance(extra_data, dict)
    assert isinstance(targets, list)
    return QueuedPrompt("", graph, extra_data, {}, tuple(targets))

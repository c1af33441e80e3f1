"""The suite for observers: subclass it, name the plugin, and run pytest.

An observer gets notices of gates, slots and batches on a background thread. It has to accept every notice that Datasete
may send, and must not raise.
"""

from __future__ import annotations

# the names of the checks are their documentation
# ruff: noqa: D102
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

import pytest

from datasete.hooks.manager import Hooks
from datasete.plugin import BatchProgress, Decision, Gate
from datasete.testing.loading import LoadedPlugin

GATE: Final = Gate("0b4f9d84-6a52-4f6c-8f5e-2f1d0f6f0f6f", "7", 0, routes=10, frames=1, width=640, height=480)
BATCH: Final = BatchProgress("0123456789abcdef01234567", "photos", 0, 3, 1, 0, "1 of 3 · photos")
NOTICES: Final = frozenset(
    {
        "datasete_batch_advanced",
        "datasete_batch_finished",
        "datasete_gate_answered",
        "datasete_gate_opened",
        "datasete_slot_published",
    }
)
MANY: Final = 40


class ObserverConformance(LoadedPlugin):
    """The checks."""

    def notices(self, hooks: Hooks) -> Iterator[Callable[[], None]]:
        """Every notice that Datasete may send, rare and strange ones included."""
        for gate in (GATE, replace(GATE, node_id="4:2", list_index=3, slot="größer (2)"), replace(GATE, frames=64)):
            yield partial(hooks.gate_opened, gate)
            yield partial(hooks.gate_answered, gate, 1)
            yield partial(hooks.gate_answered, gate, None)
            yield partial(hooks.gate_answered, gate, 2, Decision(2, 5.0, "It was not answered."))
        for slot in ("cp1", "größer (2)", "名前"):
            yield partial(hooks.slot_published, slot, "0" * 32)
        for batch in (BATCH, replace(BATCH, index=2, done=2, skipped=1), replace(BATCH, folder="", total=0, status="")):
            yield partial(hooks.batch_advanced, batch)
            yield partial(hooks.batch_finished, batch)

    def faults(self, caplog: pytest.LogCaptureFixture) -> list[str]:
        """The log's lines about observers that raised."""
        return [record.getMessage() for record in caplog.records if "failed as an observer" in record.getMessage()]

    def test_it_is_loaded_and_observes_something(self, hooks: Hooks) -> None:
        plugin = self.loaded(hooks, "")
        assert plugin.fault == ""
        assert NOTICES & {*plugin.hooks}

    def test_it_takes_every_notice(self, hooks: Hooks, caplog: pytest.LogCaptureFixture) -> None:
        for notice in self.notices(hooks):
            notice()
        hooks.drain()
        assert self.faults(caplog) == []

    def test_it_takes_the_same_notice_again_and_again(self, hooks: Hooks, caplog: pytest.LogCaptureFixture) -> None:
        for _ in range(MANY):
            hooks.slot_published("cp1", "0" * 32)
        hooks.drain()
        assert self.faults(caplog) == []

    def test_it_takes_notices_of_gates_that_never_opened(self, hooks: Hooks, caplog: pytest.LogCaptureFixture) -> None:
        """The plugin may have been loaded later, or the notice may have been dropped."""
        hooks.gate_answered(GATE, 1)
        hooks.batch_finished(BATCH)
        hooks.drain()
        assert self.faults(caplog) == []

    def test_it_lets_go_when_the_program_ends(self, hooks: Hooks, caplog: pytest.LogCaptureFixture) -> None:
        hooks.gate_opened(GATE)
        hooks.close()
        assert self.faults(caplog) == []

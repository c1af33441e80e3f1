"""The suite for gate policies: subclass it, name the plugin and the policy, and run pytest."""

from __future__ import annotations

# the names of the checks are their documentation
# ruff: noqa: D102
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from datasete.hooks.manager import Hooks
from datasete.plugin import Decision, Gate, PolicyChoice
from datasete.testing.loading import NAME, LoadedPlugin

GATE = Gate("0b4f9d84-6a52-4f6c-8f5e-2f1d0f6f0f6f", "7", 0, routes=10, frames=1, width=640, height=480)


class PolicyConformance(LoadedPlugin):
    """The checks.

    Attributes:
        policy: its name in ``gates.policy``; "" if it answers every gate.
        options: settings of its own that it needs.
    """

    policy: ClassVar[str]
    options: ClassVar[dict[str, object]] = {}

    def choice(self, **changes: Any) -> PolicyChoice:
        """The settings that the policy is called with."""
        return replace(PolicyChoice(self.policy, 1, 5.0, self.options), **changes)

    def gates(self) -> Iterator[Gate]:
        """Gates of all kinds."""
        for routes in (1, 2, 10):
            yield replace(GATE, routes=routes)
        yield replace(GATE, node_id="4:2", list_index=3, slot="größer (2)")
        yield replace(GATE, node_id="2.0.0.1", frames=64, width=1, height=1)
        yield replace(GATE, width=16_384, height=16_384)

    def test_it_is_loaded(self, hooks: Hooks) -> None:
        loaded = self.loaded(hooks, "datasete_policies")
        assert loaded.fault == ""
        assert "datasete_gate_policy" in loaded.hooks

    def test_every_gate_gets_a_decision_that_counts_or_none(
        self, hooks: Hooks, caplog: pytest.LogCaptureFixture
    ) -> None:
        for gate in self.gates():
            decision = hooks.gate_policy(gate, self.choice())
            assert decision is None or isinstance(decision, Decision)
        assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []

    def test_a_decision_says_why(self, hooks: Hooks) -> None:
        decisions = [hooks.gate_policy(gate, self.choice()) for gate in self.gates()]
        reasons = [decision.reason for decision in decisions if decision and decision.route is not None]
        assert all(reason and reason != NAME for reason in reasons)

    def test_it_keeps_out_of_it_when_another_policy_is_asked_for(self, hooks: Hooks) -> None:
        if self.policy:
            for gate in self.gates():
                assert hooks.gate_policy(gate, self.choice(name="")) is None

    def test_secrets_among_its_options_stay_out_of_what_is_shown(
        self, hooks: Hooks, caplog: pytest.LogCaptureFixture
    ) -> None:
        choice = self.choice(options={**self.options, "api_key": "hunter2-hunter2"})
        for gate in self.gates():
            decision = hooks.gate_policy(gate, choice)
            assert decision is None or "hunter2" not in decision.reason
        assert "hunter2" not in caplog.text

    def test_it_may_be_asked_about_several_gates_at_once(self, hooks: Hooks) -> None:
        answers: dict[int, list[Decision | None]] = {}

        def ask(number: int) -> None:
            answers[number] = [hooks.gate_policy(gate, self.choice()) for gate in self.gates()]

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(answers) == list(range(8))

"""Both policies keep what every policy promises, and the checks find those that do not."""

from __future__ import annotations

import inspect

import pytest

import datasete_policies
from datasete.config import PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import Decision, Gate, PolicyChoice, hookimpl
from datasete.testing.policies import PolicyConformance


class TestAfter(PolicyConformance):
    policy = "after"


class TestHeadless(PolicyConformance):
    policy = "headless"


def test_all_bundled_policies_are_tried_here() -> None:
    assert {TestAfter.policy, TestHeadless.policy} == set(datasete_policies.POLICIES)


class Faulty:
    """A policy with one of several faults."""

    def __init__(self, fault: str) -> None:
        self.fault = fault

    @hookimpl
    def datasete_gate_policy(self, gate: Gate, policy: PolicyChoice) -> Decision | None:
        if policy.name != "faulty" and self.fault != "answers unasked":
            return None
        if self.fault == "fails":
            raise RuntimeError("a fault")
        reason = str(policy.options) if self.fault == "tells secrets" else "Because."
        route = 3 if self.fault == "takes any route" else 1
        return Decision(route, reason="" if self.fault == "gives no reason" else reason)


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("fails", "test_every_gate_gets_a_decision_that_counts_or_none"),
        ("takes any route", "test_every_gate_gets_a_decision_that_counts_or_none"),
        ("gives no reason", "test_a_decision_says_why"),
        ("answers unasked", "test_it_keeps_out_of_it_when_another_policy_is_asked_for"),
        ("tells secrets", "test_secrets_among_its_options_stay_out_of_what_is_shown"),
    ],
)
def test_a_faulty_policy_is_found(fault: str, check: str, caplog: pytest.LogCaptureFixture) -> None:
    class Tried(PolicyConformance):
        plugin = Faulty(fault)
        policy = "faulty"

    hooks = build_hooks(PluginSettings(), {"under test": Tried.plugin})
    method = getattr(Tried(), check)
    given = {"hooks": hooks, "caplog": caplog}
    with pytest.raises(AssertionError):
        method(**{name: given[name] for name in inspect.signature(method).parameters})
    hooks.close()


def test_a_sound_policy_passes_all_of_them(caplog: pytest.LogCaptureFixture) -> None:
    class Tried(PolicyConformance):
        plugin = Faulty("none")
        policy = "faulty"

    hooks = build_hooks(PluginSettings(), {"under test": Tried.plugin})
    given = {"hooks": hooks, "caplog": caplog}
    for name, method in inspect.getmembers(Tried(), inspect.ismethod):
        if name.startswith("test_"):
            method(**{each: given[each] for each in inspect.signature(method).parameters})
    hooks.close()

"""Policies for unattended gates. They are off unless the configuration names one.

``after`` takes the configured route after the configured seconds; ``headless`` takes it at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from datasete.plugin import ConfigError, Decision, Gate, PolicyChoice, hookimpl


@hookimpl(trylast=True)
def datasete_gate_policy(gate: Gate, policy: PolicyChoice) -> Decision | None:
    """Answer with the policy that the configuration names.

    Raises:
        ConfigError: no policy has that name.
    """
    del gate
    if not policy.name:
        return None
    # asked last, so no other plugin has this name: a typing error, which must not leave gates waiting in silence
    decide = POLICIES.get(policy.name)
    if decide is None:
        raise ConfigError(
            f"No policy is named “{policy.name}”, as gates.policy asks.",
            hint=f"The gate waits for a person. Choose from {', '.join(POLICIES)}, or leave it empty.",
        )
    return decide(policy)


def after(policy: PolicyChoice) -> Decision:
    """Leave the gate to a person for a while."""
    return Decision(policy.route, policy.after_s, f"Not answered for {policy.after_s:g} s.")


def headless(policy: PolicyChoice) -> Decision:
    """Take the route at once."""
    return Decision(policy.route, reason="Gates are set to run headless.")


POLICIES: Final[dict[str, Callable[[PolicyChoice], Decision]]] = {"after": after, "headless": headless}

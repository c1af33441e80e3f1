"""Asks policies about a gate, one after the other, and checks what they answer."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from datasete.errors import DataseteError
from datasete.hooks.calling import PluginCall
from datasete.plugin import Decision, Gate

logger = logging.getLogger(__name__)

REASON_CHARACTERS: Final = 200
LONGEST_WAIT_SECONDS: Final = 366 * 86_400.0
"""A policy that wants to wait for longer wants a person."""


def first_decision(calls: Iterable[PluginCall], gate: Gate) -> Decision | None:
    """The first answer that is not None; None when there is none, or when a policy fails or returns an invalid answer.

    What went wrong is logged under the plugin's name. No further policy is asked then: the gate waits for a person.
    """
    for plugin, ask in calls:
        try:
            answer = ask()
        except DataseteError as error:
            logger.error("%s %s", _waits(gate, plugin), error)  # noqa: TRY400 - a sentence for users, not a defect
            return None
        except Exception:
            # the next policy might take a route that the broken one would have ruled out
            logger.exception("%s It failed as a policy.", _waits(gate, plugin))
            return None
        if answer is not None:
            return _checked(plugin, answer, gate)
    return None


def _checked(plugin: str, answer: object, gate: Gate) -> Decision | None:
    fault = _fault(answer, gate)
    if fault or not isinstance(answer, Decision):
        logger.error("%s %s", _waits(gate, plugin), fault)
        return None
    return replace(answer, after_s=float(answer.after_s), reason=(answer.reason or plugin)[:REASON_CHARACTERS])


def _fault(answer: object, gate: Gate) -> str:
    """What is wrong with an answer; "" when nothing is."""
    if not isinstance(answer, Decision):
        return f"It answered with {type(answer).__name__}, not with a Decision."
    route, after = answer.route, answer.after_s
    if route is not None and (not _is_number(route, int) or not 1 <= route <= gate.routes):
        return f"It chose route {route!r:.20}, and the gate has {gate.routes}."
    if not _is_number(after, int, float) or not 0 <= after <= LONGEST_WAIT_SECONDS:
        return f"It wants to wait for {after!r:.20} seconds."
    return "" if isinstance(answer.reason, str) else "Its reason is not a text."


def _is_number(value: object, *types: type) -> bool:
    # True is an int to Python, and a mistake here
    return isinstance(value, types) and not isinstance(value, bool)


def _waits(gate: Gate, plugin: str) -> str:
    return f"The gate {gate.node_id} waits for a person, because plugin {plugin} gave no usable decision."

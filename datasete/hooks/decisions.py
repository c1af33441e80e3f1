"""Asks policies about a gate, one after the other, and trusts none of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from datasete.errors import DataseteError
from datasete.plugin import Decision, Gate

logger = logging.getLogger(__name__)

LONGEST_REASON: Final = 200
LONGEST_WAIT: Final = 366 * 86_400.0
"""Seconds; whoever wants to wait for longer wants a person."""

Question = tuple[str, Callable[[], object]]
"""The name of the plugin that is asked, and the call that asks it."""


def first_decision(questions: Iterable[Question], gate: Gate) -> Decision | None:
    """The first answer that is not None; None when nobody has one, and when a policy fails or answers nonsense.

    What went wrong is logged under the plugin's name. Then nobody else is asked: the gate waits for a person.
    """
    for plugin, ask in questions:
        try:
            answer = ask()
        except DataseteError as error:
            logger.error("%s %s", _waits(gate, plugin), error)  # noqa: TRY400 - a sentence for users, not a defect
            return None
        except Exception:
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
    return replace(answer, after_s=float(answer.after_s), reason=(answer.reason or plugin)[:LONGEST_REASON])


def _fault(answer: object, gate: Gate) -> str:
    """What is wrong with an answer; "" when nothing is."""
    if not isinstance(answer, Decision):
        return f"It answered with {type(answer).__name__}, not with a Decision."
    route, after = answer.route, answer.after_s
    if route is not None and (not _is_number(route, int) or not 1 <= route <= gate.routes):
        return f"It chose route {route!r:.20}, and the gate has {gate.routes}."
    if not _is_number(after, int, float) or not 0 <= after <= LONGEST_WAIT:
        return f"It wants to wait for {after!r:.20} seconds."
    return "" if isinstance(answer.reason, str) else "Its reason is no text."


def _is_number(value: object, *types: type) -> bool:
    return isinstance(value, types) and not isinstance(value, bool)


def _waits(gate: Gate, plugin: str) -> str:
    return f"The gate {gate.node_id} waits for a person, because plugin {plugin} gave no usable decision."

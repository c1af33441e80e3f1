"""What policies may answer, and what becomes of everything else."""

from __future__ import annotations

import logging
import math

import pytest

from datasete.errors import ConfigError
from datasete.hooks.decisions import LONGEST_WAIT_SECONDS, REASON_CHARACTERS, first_decision
from datasete.plugin import Decision, Gate

GATE = Gate("p", "7", 0, routes=3, frames=1, width=4, height=3)


def answers(*given: object):
    return [(f"plugin{index}", lambda answer=answer: answer) for index, answer in enumerate(given)]


def test_the_first_answer_wins_and_nobody_is_asked_after_it():
    asked = []
    questions = [("one", lambda: None), ("two", lambda: Decision(2)), ("three", lambda: asked.append(1))]
    assert first_decision(questions, GATE) == Decision(2, 0.0, "two")
    assert asked == []


def test_nobodys_answer_leaves_the_gate_to_a_person():
    assert first_decision(answers(None, None), GATE) is None
    assert first_decision([], GATE) is None


def test_a_policy_can_leave_the_gate_to_a_person_over_all_others():
    assert first_decision(answers(Decision(None), Decision(1)), GATE).route is None


@pytest.mark.parametrize(
    "nonsense",
    [
        2,
        "2",
        True,
        (2, 0.0),
        Decision(0),
        Decision(-1),
        Decision(4),
        Decision(True),
        Decision("2"),
        Decision(2.0),
        Decision(10**400),
        Decision(1, -1.0),
        Decision(1, math.nan),
        Decision(1, math.inf),
        Decision(1, 2 * LONGEST_WAIT_SECONDS),
        Decision(1, 10**400),
        Decision(1, None),
        Decision(1, "5"),
        Decision(1, 0.0, b"bytes"),
        Decision(1, 0.0, None),
    ],
    ids=lambda each: repr(each)[:40],
)
def test_nonsense_is_one_log_line_under_the_plugins_name_and_nobody_else_is_asked(nonsense, caplog):
    assert first_decision([*answers(nonsense), ("next", lambda: Decision(1))], GATE) is None
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "plugin plugin0" in record.getMessage()
    assert "gate 7 waits for a person" in record.getMessage()


def test_a_policy_that_fails_is_logged_under_its_name_and_the_gate_waits(caplog):
    def broken():
        raise RuntimeError("no model")

    assert first_decision([("judge", broken), ("next", lambda: Decision(1))], GATE) is None
    [record] = caplog.records
    assert "plugin judge" in record.getMessage()
    assert "no model" in caplog.text


def test_a_policy_that_says_what_is_wrong_gets_its_sentence_into_the_log(caplog):
    def refused():
        raise ConfigError("The key is missing.", hint="Set gates.options.")

    assert first_decision([("judge", refused)], GATE) is None
    assert caplog.records[0].getMessage().endswith("The key is missing. Set gates.options.")
    assert caplog.records[0].exc_info is None


def test_a_reason_is_kept_short_and_names_the_plugin_when_there_is_none():
    assert len(first_decision(answers(Decision(1, 0, "x" * 9999)), GATE).reason) == REASON_CHARACTERS
    assert first_decision(answers(Decision(1, 5)), GATE) == Decision(1, 5.0, "plugin0")

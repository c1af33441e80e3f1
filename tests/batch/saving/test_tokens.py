"""What the tokens in names stand for."""

from __future__ import annotations

from datetime import datetime

import pytest

from datasete.batch.saving.tokens import Tokens, without_tokens

NOW = datetime(2026, 3, 9, 7, 5, 4)  # noqa: DTZ001 - as a clock on the wall shows it
SAMPLER = {"seed": 123, "cfg": 7.0, "denoise": 0.55, "sampler_name": "a/b:c", "on": True, "none": None}
PROMPT = {
    "1": {"class_type": "KSampler", "inputs": SAMPLER, "_meta": {"title": "Mine"}},
    "2": {"class_type": "KSampler", "inputs": {"seed": 456, "steps": ["4", 0], "cfg": ["1", 0]}},
    "4": {"class_type": "PrimitiveInt", "inputs": {"value": 20}},
    "9:7:3": {"class_type": "EmptyImage", "inputs": {"width": 640}},
}
WORKFLOW = {
    "nodes": [
        {"id": 1, "type": "KSampler", "properties": {"Node name for S&R": "First"}},
        {"id": 2, "type": "KSampler", "title": "Second one", "properties": {"Node name for S&R": "KSampler"}},
        {"id": 8, "type": "KSampler", "properties": {"Node name for S&R": "Muted"}},
    ],
    "definitions": {"subgraphs": [{"nodes": [{"id": 3, "type": "EmptyImage", "title": "Inner"}]}]},
}


def fill(text, prompt=PROMPT, workflow=WORKFLOW):
    return Tokens(prompt, workflow, (640, 480), NOW).fill(text)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("%date:yyyy-MM-dd%", "2026-03-09"),
        ("%date:yy M d h m s%", "26 3 9 7 5 4"),
        ("%date:yyyy/MM/dd hh.mm.ss%", "2026/03/09 07.05.04"),
        ("%year%%month%%day%_%hour%%minute%%second%", "20260309_070504"),
        ("%width%x%height%", "640x480"),
        ("a%date:dd%b%width%c", "a09b640c"),
    ],
)
def test_times_and_sizes(text, filled):
    assert fill(text) == filled


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("%First.seed%", "123"),
        ("%KSampler.seed%", "456"),  # the node that is called so comes before those of that type
        ("%Second one.seed%", "456"),
        ("%Inner.width%", "640"),
        ("%First.cfg% %First.denoise% %First.on% [%First.none%]", "7 0.55 true []"),
        ("%First.sampler_name%", "a_b_c"),
        ("%Second one.steps%", "20"),
    ],
)
def test_widgets_of_nodes(text, filled):
    assert fill(text) == filled


def test_without_a_page_nodes_have_the_names_of_the_prompt():
    assert fill("%KSampler.seed% %Mine.cfg% %EmptyImage.width%", workflow=None) == "123 7 640"


@pytest.mark.parametrize(
    "text",
    [
        *("100%", "%", "%%", "%none%", "%Nobody.seed%", "%First.nothing%", "%Muted.seed%", "%First.a.b%"),
        *("%Second one.cfg%", "50% of 60%", "%batch_num%"),
    ],
)
def test_what_is_not_known_stays(text):
    assert fill(text) == text


@pytest.mark.parametrize(
    ("prompt", "workflow"),
    [
        *((None, None), ([], "x"), ({"1": None, "2": {"inputs": []}}, {"nodes": [None, {}], "definitions": []})),
        ({"1": {"class_type": "A", "inputs": {"b": []}}}, {"nodes": {"a": 1}, "definitions": {"subgraphs": [1, {}]}}),
    ],
)
def test_what_is_no_prompt_is_passed_over(prompt, workflow):
    assert fill("%A.b%_%width%", prompt, workflow) == "%A.b%_640"


def test_for_a_check_before_the_run_tokens_are_digits():
    assert without_tokens("%date:hh:mm%/%A.b%_%width%%batch_num%_%x%_100%") == "0/0_00_%x%_100%"

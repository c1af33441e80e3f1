"""Dynamic prompts, by the rules of ComfyUI's page."""

import pytest

from datasete_queue.dynamic import resolve
from datasete_queue.widgets import advance


def first(options):
    return options[0]


def last(options):
    return options[-1]


@pytest.mark.parametrize(
    ("text", "of_first", "of_last"),
    [
        ("a {red|blue} coat", "a red coat", "a blue coat"),
        ("{a|b}{c|d}", "ac", "bd"),
        ("{a|{b|c}}", "a", "c"),
        ("{a {b|c}|d}", "a b", "d"),
        ("{one}", "one", "one"),
        ("{}", "", ""),
        ("{|x}", "", "x"),
        ("no choice", "no choice", "no choice"),
        (r"\{a|b\}", "{a|b}", "{a|b}"),
        (r"{a\|b|c}", "a|b", "c"),
        (r"{\{x\}|y}", "{x}", "y"),
        (r"a\b", r"a\b", r"a\b"),
        ("{a|b", "a", "b"),
        ("a}b|c", "a}b|c", "a}b|c"),
        ("a // gone\nb", "a \nb", "a \nb"),
        ("a /* gone\n{x|y} */ b", "a  b", "a  b"),
        ("{a /* | b */|c}", "a ", "c"),
        ("see http://x {a|b}\n{c|d}", "see http:\nc", "see http:\nd"),
        ("(word:1.2) {猫|犬}", "(word:1.2) 猫", "(word:1.2) 犬"),
    ],
)
def test_what_is_chosen(text, of_first, of_last):
    assert resolve(text, first) == of_first
    assert resolve(text, last) == of_last


def test_nothing_that_is_typed_takes_long():
    for text in ("{" * 50_000, "{" * 50_000 + "}" * 50_000, "\\" * 50_001, "{|" * 50_000, "/*" * 50_000):
        assert isinstance(resolve(text, first), str)


def prompt_of(text, **more):
    return {"6": {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["4", 1], **more}}}


def extra_of(typed, *nodes, **workflow):
    return {"extra_pnginfo": {"workflow": {"nodes": list(nodes), **workflow}}, "datasete_dynamic": typed}


def test_each_run_chooses_again_from_what_was_typed():
    extra = extra_of(
        {"6": {"text": "a {red|blue} coat"}}, {"id": 6, "type": "CLIPTextEncode", "widgets_values": ["a red coat"]}
    )
    seen = set()
    for _ in range(60):
        prompt, more = advance(prompt_of("a red coat"), extra, 1, lambda _: {})
        text = prompt["6"]["inputs"]["text"]
        assert more["extra_pnginfo"]["workflow"]["nodes"][0]["widgets_values"] == [text]
        assert more["datasete_dynamic"] == extra["datasete_dynamic"]
        seen.add(text)
    assert seen == {"a red coat", "a blue coat"}


def test_a_run_that_is_repeated_keeps_its_choice():
    extra = extra_of({"6": {"text": "{a|b}"}})
    assert {advance(prompt_of("b"), extra, 0, lambda _: {})[0]["6"]["inputs"]["text"] for _ in range(20)} == {"b"}


def test_a_text_in_a_subgraph():
    inner = {"id": "sub", "nodes": [{"id": 6, "type": "CLIPTextEncode", "widgets_values": ["a"]}]}
    extra = extra_of({"2:6": {"text": "{b}"}}, {"id": 2, "type": "sub"}, definitions={"subgraphs": [inner]})
    prompt = {"2:6": prompt_of("a")["6"]}
    new, more = advance(prompt, extra, 1, lambda _: {})
    assert new["2:6"]["inputs"]["text"] == "b"
    assert more["extra_pnginfo"]["workflow"]["definitions"]["subgraphs"][0]["nodes"][0]["widgets_values"] == ["b"]


@pytest.mark.parametrize(
    "typed",
    [None, 1, [], "x", {"6": 1}, {"6": []}, {"6": {"text": 1}}, {"6": {"clip": "{a|b}"}}, {"9": {"text": "{a|b}"}}],
)
def test_what_makes_no_sense_changes_nothing(typed):
    assert advance(prompt_of("a"), extra_of(typed), 1, lambda _: {})[0] == prompt_of("a")

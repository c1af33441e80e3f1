"""Every text of nodes and panels has a translation into each language, with the same values in it, and no other has."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parent.parent / "web"
LOCALES = sorted((WEB / "locales").glob("*.json"))
STRING = r'"((?:[^"\\]|\\.)*)"'
# The functions that translate, and which of their arguments; the linter lets no other text pass.
SAYS = (
    re.compile(rf"\b(?:say|button|searchField)\(\s*{STRING}"),
    re.compile(rf'\biconButton\(\s*(?:"[^"]*"|\w+),\s*{STRING}'),
    re.compile(rf"\bsayCount\([^\"]*?,\s*{STRING}"),
    re.compile(rf"\bsayCount\([^\"]*?,\s*{STRING.replace('(', '(?:', 1)},\s*{STRING}"),
)
VALUE = re.compile(r"\{\w+\}")


def said() -> set[str]:
    source = "\n".join(path.read_text("utf-8") for path in WEB.rglob("*.js"))
    found = {json.loads(f'"{text}"') for each in SAYS for text in each.findall(source)}
    return found - {""}


def test_something_is_said():
    assert {"just now", "{n} min ago", "yesterday", "{n} days ago", "Refresh", "Retry"} <= said()


@pytest.mark.parametrize("locale", LOCALES, ids=lambda path: path.stem)
def test_every_text_has_a_translation_and_no_translation_is_left_over(locale):
    translations = json.loads(locale.read_text("utf-8"))
    assert sorted(said() - set(translations)) == []
    assert sorted(set(translations) - said()) == []
    assert all(translation.strip() for translation in translations.values())


@pytest.mark.parametrize("locale", LOCALES, ids=lambda path: path.stem)
def test_a_translation_has_the_values_of_its_text(locale):
    for text, translation in json.loads(locale.read_text("utf-8")).items():
        assert set(VALUE.findall(translation)) == set(VALUE.findall(text)), text


def test_the_page_knows_the_languages_that_there_are():
    [listed] = re.findall(r"const LANGUAGES = (\[.*\]);", (WEB / "lib" / "say.js").read_text("utf-8"))
    assert json.loads(listed) == [path.stem for path in LOCALES]

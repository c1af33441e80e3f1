"""Everything that the frontend can translate is translated, in every language, and nothing is left over."""

import json
import re
from pathlib import Path

import pytest

from datasete.nodes import NODE_CLASS_MAPPINGS
from datasete.workbench.assets import find_pack

LOCALES = find_pack().locales
LANGUAGES = ("en", "de", "zh", "ja")
OTHERS = LANGUAGES[1:]
PARTS = ("main", "nodeDefs", "commands", "settings")
WEB = find_pack().web
ID = re.compile(r"""["'](Datasete\.[A-Za-z][\w.]*)["']""")
EXTENSION = re.compile(r"""\bname:\s*["'](Datasete\.[\w.]+)["']""")
OPTION = re.compile(r"""\{\s*text:\s*["']([^"]+)["'],\s*value:""")
CATEGORY = re.compile(r"""category:\s*\[\s*["']Datasete["'],\s*["']([^"']+)["']""")


def words(language: str, part: str) -> dict:
    return json.loads((LOCALES / language / f"{part}.json").read_text("utf-8"))


def shape(value: object) -> object:
    """The keys, without what they say."""
    return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else ""


def texts(value: object) -> list[str]:
    return [text for inner in value.values() for text in texts(inner)] if isinstance(value, dict) else [value]


def scripts() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(WEB.rglob("*.js")))


def ids() -> set[str]:
    """Settings and commands that the web modules register: all our ids but the extensions' own names."""
    source = scripts()
    return {name.replace(".", "_") for name in set(ID.findall(source)) - set(EXTENSION.findall(source))}


def test_there_is_a_folder_for_each_language_and_no_other():
    assert sorted(path.name for path in LOCALES.iterdir()) == sorted(LANGUAGES)
    for language in LANGUAGES:
        assert {path.stem for path in (LOCALES / language).iterdir()} == set(PARTS)


def test_every_node_input_and_output_has_an_entry():
    english = words("en", "nodeDefs")  # that it says what the nodes say is checked with the other generated files
    assert set(english) == set(NODE_CLASS_MAPPINGS)
    for name, node in NODE_CLASS_MAPPINGS.items():
        visible = {port for kind, ports in node.INPUT_TYPES().items() if kind != "hidden" for port in ports}
        assert set(english[name]["inputs"]) == visible
        assert list(english[name]["outputs"]) == [str(place) for place in range(len(node.RETURN_TYPES))]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_the_entries_of_the_others(language, part):
    assert shape(words(language, part)) == shape(words("en", part))


@pytest.mark.parametrize("language", OTHERS)
def test_what_nodes_say_is_said_in_the_language(language):
    english = words("en", "nodeDefs")
    for name, told in words(language, "nodeDefs").items():
        assert told["display_name"] != english[name]["display_name"]
        assert told["description"] != english[name]["description"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_and_command_has_an_entry_and_nothing_is_stale(language):
    translated = [*words(language, "settings"), *words(language, "commands")]
    assert sorted(translated) == sorted(ids())


def test_the_english_words_are_those_of_the_modules():
    source = scripts()
    source = re.sub(r'"\s*\+\s*"', "", source)  # a long sentence is written in parts
    for part in ("settings", "commands"):
        for name, entry in words("en", part).items():
            for kind in entry.keys() & {"name", "label", "tooltip"}:
                assert f'{kind}: "{entry[kind]}"' in re.sub(r":\s+", ": ", source), name


def test_the_options_and_categories_of_settings_are_translated():
    settings, source = words("en", "settings"), scripts()
    assert {option for entry in settings.values() for option in entry.get("options", {})} == set(OPTION.findall(source))
    assert set(words("en", "main")["settingsCategories"]) == {"Datasete", *CATEGORY.findall(source)}


def test_every_part_of_a_node_category_has_an_entry():
    used = {part for node in NODE_CLASS_MAPPINGS.values() for part in node.CATEGORY.split("/")}
    assert set(words("en", "main")["nodeCategories"]) == used


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_contains_what_the_frontend_takes_for_syntax(language, part):
    for text in texts(words(language, part)):
        assert text.strip() == text != ""
        assert not re.search(r"[{}@|]", text), text


def test_a_wheel_carries_them():
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8")
    assert 'locales = "datasete/pack/locales"' in project
    assert re.search(r'only-include = \[.*"locales"', project)

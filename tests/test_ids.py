"""Names that become part of a path."""

import pytest

from datasete.errors import InvalidName
from datasete.ids import natural_key, new_id, portable_name, portable_part, same_name, unportable_reason, validate_name

GOOD = ["a", "portrait", "cp 1 (final)", "v1.2_b-3", "Müller", "顔写真", "हिन्दी", "x" * 64, "console", "com10", "1"]

BAD = [
    "", " ", ".", "..", "a/b", "a\\b", "../x", "/etc", "C:", "a:b", "a\0b", "a\nb", "a\tb", " a", "a ", ".a", "a.",
    "x" * 65, "x" * 300,
    "con", "CON", "nul.txt", "Aux", "com1", "LPT9.png", "com¹", "conin$", "a*b", "a?b", "<a>", '"a"',
    "a|b", "a%2fb",
    "~", "$HOME", "{a}", "a\u202eb", "a\u200bb", "a\ufeff", "\ud800", "a\u2028b", "😀", "a;b", "a'b", "a&b",
]  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_sound_name_comes_back_as_it_is(name):
    assert validate_name(name) == name


@pytest.mark.parametrize("name", BAD, ids=ascii)
def test_a_name_that_could_harm_a_path_is_refused_with_a_reason(name):
    with pytest.raises(InvalidName) as caught:
        validate_name(name)
    assert "cannot be used: " in caught.value.message
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("letter", ["x", "é", "e\u0301", "字"])
def test_a_name_may_have_as_many_characters_as_the_limit_once_it_is_composed_and_no_more(letter):
    assert len(validate_name(letter * 64)) == 64
    with pytest.raises(InvalidName, match="65 characters, and at most 64 are allowed"):
        validate_name(letter * 65)


@pytest.mark.parametrize("name", [None, 3, b"a", ["a"], 1.5])
def test_something_that_is_not_text_is_refused(name):
    with pytest.raises(InvalidName, match="must be text"):
        validate_name(name)


def test_a_decomposed_name_is_composed():
    assert validate_name("u\u0308ber") == "\u00fcber"


def test_the_message_speaks_of_what_is_named():
    with pytest.raises(InvalidName, match="The profile name “a/b” cannot be used: the character “/” is not allowed"):
        validate_name("a/b", what="profile name")


def test_names_compare_without_case_and_in_one_normal_form():
    assert same_name("CP1") == same_name("cp1")
    assert same_name("STRASSE") == same_name("straße")
    assert same_name("U\u0308ber") == same_name("über")
    assert same_name("cp1") != same_name("cp2")


def test_natural_order_counts():
    names = ["img10", "img2", "Img1", "a", "2", "10", "img02"]
    assert sorted(names, key=natural_key) == ["2", "10", "a", "Img1", "img02", "img2", "img10"]


def test_natural_order_is_total_for_names_that_look_alike():
    assert sorted(["B", "b", "a", "A"], key=natural_key) == ["A", "a", "B", "b"]


def test_ids_of_our_own_are_lower_case_uuids_and_names():
    made = {new_id() for _ in range(100)}
    assert len(made) == 100
    assert all(validate_name(each) == each.lower() for each in made)


@pytest.mark.parametrize(
    ("part", "portable"),
    [
        *(("plain name", "plain name"), ("写真", "写真"), ("e\u0301", "é"), ("a.b", "a.b"), (" a", " a")),
        *(("a:b*c", "a_b_c"), ("a/b\\c", "a_b_c"), ("a\0\n", "a__"), ("\udcff", "_")),
        *(("画像\u3000一", "画像\u3000一"), ("a\u2028b", "a_b"), ("👩\u200d🎨", "👩\u200d🎨")),
        *(("a.", "a_"), ("a. .", "a_"), ("..", "_"), (".git", "_git"), ("nul", "_nul"), ("COM1.x", "_COM1.x")),
    ],
)
def test_a_part_of_a_path_becomes_one_that_every_system_takes(part, portable):
    assert portable_part(part) == portable
    assert portable_part(portable) == portable


@pytest.mark.parametrize("name", ["a", "写真", "画像\u3000一", "e\u0301", ".hidden", " a", "a.b c", "console", "com10"])
def test_a_name_that_every_system_takes(name):
    assert unportable_reason(name) == ""
    assert portable_name(name) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        *((f"a{char}b", "character") for char in '<>:"/\\|?*\0\n\x7f\udcff\u2028'),
        *((f"a{end}", "at the end") for end in (".", " ", ". ")),
        *((name, "for a device") for name in ("CON", "nul", "Aux.tar", "com1", "LPT\u00b9", "prn .x", "conin$")),
    ],
)
def test_a_name_that_some_system_does_not_take(name, reason):
    assert reason in unportable_reason(name)
    assert unportable_reason(portable_name(name)) == ""

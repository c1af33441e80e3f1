"""Names near to what was asked for."""

import pytest

from datasete.errors import InvalidName
from datasete.ids import validate_name
from datasete.profiles.names import check_name, free_name, near_name


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("cats", [], "cats"),
        ("cats", ["dogs"], "cats"),
        ("cats", ["cats"], "cats (2)"),
        ("Cats", ["cATS", "cats (2)"], "Cats (3)"),
        ("cats (2)", ["cats (2)"], "cats (3)"),
        ("cats (2)", ["cats"], "cats (2)"),
        ("\u00e9", ["e\u0301"], "\u00e9 (2)"),
        ("straße", ["STRASSE"], "straße (2)"),
        ("x" * 64, ["x" * 64], "x" * 60 + " (2)"),
        ("(2)", ["(2)"], "(2) (2)"),
    ],
)
def test_a_taken_name_is_numbered(name, taken, free):
    assert free_name(name, taken) == free
    assert validate_name(free) == free


@pytest.mark.parametrize("name", ["", "a/b", "..", "con", "x" * 65, "a\nb", None, 3, "🎨"])
def test_a_name_that_cannot_be_used_is_refused(name):
    with pytest.raises(InvalidName, match="profile name"):
        check_name(name)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("cats", "cats"),
        ("../../etc/passwd", "etc passwd"),
        ("🎨 art", "art"),
        ("a/b\\c", "a b c"),
        ("x" * 100, "x" * 64),
        ("con", "profile"),
        ("", "profile"),
        (None, "profile"),
        ([1], "profile"),
        ("\n\t", "profile"),
    ],
)
def test_a_name_from_elsewhere_becomes_one_that_can_be_used(name, near):
    assert near_name(name) == near

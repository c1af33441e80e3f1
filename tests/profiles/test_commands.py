"""Edits of the list of profiles."""

from datasete.profiles import commands
from datasete.profiles.registry import Profile, Registry


def test_commands_recognize_their_own_work():
    registry = commands.register(Profile("a", "x"), exact=True)(Registry())
    assert commands.register(Profile("a", "x"), exact=True)(registry) is registry
    assert commands.rename("a", "x")(registry) is registry
    gone = commands.delete("a")(registry)
    assert commands.delete("a")(gone) is gone
    left = commands.forget("a")(gone)
    assert commands.forget("a")(left) is left
    assert left == Registry()

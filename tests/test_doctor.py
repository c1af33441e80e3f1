"""What the doctor says of a space."""

import pytest

from datasete.config import PluginSettings
from datasete.doctor import examine
from datasete.errors import ConfigError, StoreUnavailable
from datasete.hooks.manager import build_hooks
from datasete.plugin import ANY, Capabilities, Space
from datasete.storage import Storage

SPACE = Space("bus", "memory://doctor")


class Altered:
    """A real store with something about it changed."""

    def __init__(self, **changes):
        self.inner = build_hooks(PluginSettings()).open_store(SPACE)
        self.__dict__.update(changes)

    def __getattr__(self, name):
        return getattr(self.inner, name)


def report_on(store):
    return examine(SPACE, lambda name: Storage(store, SPACE, deadline=0.01))


def test_a_sound_store_is_safe_to_share_and_is_left_empty():
    store = Altered()
    report = report_on(store)
    assert (report.ok, report.reachable, report.writable, report.conditional) == (True, True, True, True)
    assert report.verdict.startswith("Safe to share")
    assert report.round_trip_ms >= 0
    assert store.list("").entries == ()


@pytest.mark.parametrize(
    ("url", "between"),
    [
        ("/srv/bus", "tabs and processes of this machine"),
        ("memory://x", "tabs, and gone when this program ends"),
        ("smb://nas/share", "tabs, processes and machines"),
    ],
)
def test_it_says_who_can_share_a_place(url, between):
    space = Space("pools", url)
    assert examine(space, lambda name: Storage(Altered(), SPACE)).verdict == f"Safe to share between {between}."


def test_a_store_that_ignores_conditions_is_found_out_whatever_it_claims():
    store = Altered()
    store.write = lambda key, data, when=ANY: store.inner.write(key, data, ANY)
    report = report_on(store)
    assert not report.ok
    assert report.verdict.startswith("Safe for one writer at a time only")


def test_a_store_that_knows_that_others_are_not_refused_is_believed():
    cautious = Capabilities(atomic_replace=True, conditional_write=False, server_copy=False)
    assert report_on(Altered(capabilities=cautious)).verdict.startswith("Safe for one writer at a time only")


def test_a_store_without_atomic_replace_is_not_safe():
    store = Altered(capabilities=Capabilities(atomic_replace=False, conditional_write=True, server_copy=False))
    assert report_on(store).verdict.startswith("Not safe")


@pytest.mark.parametrize(
    ("failing", "reachable"), [("list", False), ("write", True)], ids=["unreachable", "not writable"]
)
def test_a_fault_becomes_the_verdict(failing, reachable):
    def fail(*args):
        raise PermissionError(13, "Permission denied")

    report = report_on(Altered(**{failing: fail}))
    assert (report.ok, report.reachable, report.writable) == (False, reachable, False)
    assert report.verdict == "The space “bus” refused access: Permission denied."
    assert "Check its permissions" in report.hint


def test_a_store_that_gives_no_answer_is_asked_once():
    asked = []

    def silent(*args):
        asked.append(args)
        raise TimeoutError

    report = examine(SPACE, lambda name: Storage(Altered(list=silent), SPACE, deadline=60))
    assert "could not be reached" in report.verdict
    assert len(asked) == 1


def test_slots_are_counted_and_so_is_what_lies_among_them():
    space = Space("bus", "memory://doctor-counts")
    storage = Storage(build_hooks(PluginSettings()).open_store(space), space)
    for key in ("cp1/image.png", "cp1/mask.png", "notes.txt", "CON/image.png", "a/b/c.png"):
        storage.write(key, b"x")
    report = examine(space, lambda name: storage)
    assert (report.ok, report.slots, report.foreign) == (True, 1, 3)
    assert len(storage.page().entries) == 5, "nothing was removed"


def test_only_the_bus_is_counted():
    space = Space("pools", "memory://doctor-pools")
    storage = Storage(build_hooks(PluginSettings()).open_store(space), space)
    report = examine(space, lambda name: storage)
    assert (report.slots, report.foreign) == (None, None)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://key:hun/ter2@bucket/x", "s3://…@bucket/x"),
        ("simplecache::s3://hunter2@bucket", "simplecache::s3://…@bucket"),
        ("gs://bucket/x?token=hunter2", "gs://bucket/x?…"),
        ("smb://nas/share", "smb://nas/share"),
        ("/home/me@work/bus?", "/home/me@work/bus?"),
        ("file:///home/me@work", "file:///home/me@work"),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url, shown):
    def refused(name):
        raise ConfigError("No.")

    assert examine(Space("bus", url), refused).url == shown


def test_a_space_that_cannot_be_opened_is_reported_too():
    def unreachable(name):
        raise StoreUnavailable("The space “bus” could not be reached: no route.", hint="Plug it in.")

    report = examine(SPACE, unreachable)
    assert (report.verdict, report.hint) == ("The space “bus” could not be reached: no route.", "Plug it in.")

"""Building the services, and which places they may use."""

import io

import pytest
from PIL import Image

from datasete.application import application, build_application, set_application
from datasete.config import BusSettings, Settings, SpaceSettings, StorageSettings
from datasete.errors import ConfigError, NotFound, StoreDenied
from datasete.host.api import BareHost


@pytest.fixture
def host(tmp_path):
    return BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")


@pytest.fixture
def build(host):
    made = []

    def build(settings=None, **plugins):
        made.append(build_application(host, settings or Settings(), plugins))
        return made[-1]

    yield build
    for each in made:
        each.close()


def png():
    out = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(out, "PNG")
    return out.getvalue()


def test_without_configuration_the_bus_is_in_the_input_folder(build, host):
    build().bus.publish("cp1", [png()])
    assert (host.input_dir / "gate_bus" / "cp1" / "image.png").is_file()


def test_nothing_is_created_before_it_is_used(build, host):
    build()
    assert not host.input_dir.exists()


def test_one_line_of_configuration_moves_the_bus(build, host, tmp_path):
    build(Settings(bus=BusSettings(url=str(tmp_path / "nas")))).bus.publish("cp1", [png()])
    assert (tmp_path / "nas" / "cp1" / "image.png").is_file()
    assert not host.input_dir.exists()


def test_a_publish_is_told_to_every_browser_and_to_observers(build, host):
    from datasete.plugin import hookimpl

    heard = []

    class Observer:
        @hookimpl
        def datasete_slot_published(self, slot, version):
            heard.append((slot, version))

    made = build(observer=Observer())
    published = made.bus.publish("cp1", [png()])
    made.hooks.drain()
    assert host.sent == [("datasete-slot-published", {"id": "cp1"}, None)]
    assert heard == [("cp1", published.token)]


def test_spaces_come_with_the_two_that_always_exist_first(build):
    settings = Settings(spaces={"nas": SpaceSettings(url="memory://nas"), "bus": SpaceSettings(url="memory://other")})
    spaces = build(settings).spaces()
    assert list(spaces) == ["bus", "pools", "nas"]
    assert spaces["bus"].url.endswith("gate_bus")


def test_a_space_is_opened_once(build):
    made = build()
    assert made.storage("bus") is made.storage("bus")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("simplecache::s3://bucket", "is a chain"),
        ("github://owner:repo@main/", "contains a password|not among the allowed"),
        ("ftp://host/x", "ftp://, which is not among the allowed schemes"),
        ("s3://key:secret@bucket/x", "contains a password"),
        ("s3://key:hun/hunter2@bucket/x", "contains a password"),
        ("S3://key:1/hunter2@bucket/x", "has credentials or settings in its URL"),
        ("s3://hunter2@bucket/x", "has credentials or settings in its URL"),
        ("s3://bucket/x?access_key=hunter2", "has credentials or settings in its URL"),
        ("smb://me@nas/share", "has a user in its URL"),
        ("smb://me:hunter2@nas/share", "contains a password"),
    ],
)
def test_a_url_that_may_not_be_used_is_refused_with_the_reason(build, url, says):
    made = build(Settings(bus=BusSettings(url=url)))
    with pytest.raises(ConfigError, match=says) as caught:
        _ = made.bus
    assert "hunter2" not in str(caught.value)
    assert "key:secret" not in str(caught.value)


def test_a_plugin_that_cannot_reach_its_place_is_a_sentence(build):
    from datasete.plugin import hookimpl

    class Unplugged:
        @hookimpl
        def datasete_open_store(self, space):
            raise PermissionError(13, "Permission denied")

    with pytest.raises(StoreDenied, match="The space “bus” refused access: Permission denied"):
        _ = build(unplugged=Unplugged()).bus


def test_a_scheme_can_be_allowed(build):
    settings = Settings(bus=BusSettings(url="memory://x"), storage=StorageSettings(schemes=("memory",)))
    assert build(settings).bus.list() == []


def test_a_plugin_brings_its_schemes_and_the_configuration_may_allow_fewer_or_more(build):
    from datasete.plugin import hookimpl

    class Gopher:
        @hookimpl
        def datasete_schemes(self):
            return ["gopher"]

    class Broken:
        @hookimpl
        def datasete_schemes(self):
            raise RuntimeError

    def refusal(url, gopher=None, **storage):
        made = build(Settings(bus=BusSettings(url=url), storage=StorageSettings(**storage)), g=gopher, b=Broken())
        with pytest.raises(ConfigError) as caught:
            _ = made.bus
        return str(caught.value)

    not_allowed = "not among the allowed schemes"
    assert not_allowed in refusal("gopher://x")
    assert "No plugin stores anything at gopher" in refusal("gopher://x", Gopher())
    assert "No plugin stores anything at gopher" in refusal("gopher://x", more_schemes=["gopher"])
    assert not_allowed in refusal("gopher://x", Gopher(), schemes=["memory"])
    assert not_allowed in refusal("s3://x", schemes=["memory"], more_schemes=["gopher"])


def test_a_space_without_a_url_and_one_that_is_not_configured_are_named(build):
    made = build(Settings(spaces={"nas": SpaceSettings()}))
    with pytest.raises(ConfigError, match="“nas” has no URL"):
        made.storage("nas")
    with pytest.raises(NotFound, match="The space “sna” does not exist"):
        made.storage("sna")


def test_nodes_find_the_application_that_was_set(build):
    made = build()
    set_application(made)
    assert application() is made
    set_application(None)
    with pytest.raises(ConfigError, match="was not started"):
        application()


def test_closing_twice_is_harmless(build):
    made = build()
    made.bus.publish("cp1", [png()])
    made.close()
    made.close()

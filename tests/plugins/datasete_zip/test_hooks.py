"""The plugin as a manager calls it: datasete_profile_formats, datasete_profile_pack, datasete_profile_unpack."""

import io

import pytest

from datasete.config import PluginSettings
from datasete.errors import InvalidInput, StoreError
from datasete.hooks.manager import build_hooks
from datasete.plugin import PackingSummary, ProfileFormat, ProfileSource, hookimpl
from datasete.testing.packing import ForwardSink, RecordingTarget

EMPTY = ProfileSource("x", 0, iter(()))


@pytest.fixture
def hooks_with():
    built = []

    def make(block=(), **plugins):
        built.append(build_hooks(PluginSettings(block=block), plugins))
        return built[-1]

    yield make
    for hooks in built:
        hooks.close()


def test_the_bundled_formats_are_there_without_any_configuration(hooks_with):
    assert list(hooks_with().profile_formats()) == ["datasete-zip", "training-set"]


def test_a_format_nobody_knows_is_refused(hooks_with):
    with pytest.raises(InvalidInput, match="No plugin"):
        hooks_with().profile_pack("nope", EMPTY, ForwardSink())
    with pytest.raises(InvalidInput, match="No plugin"):
        hooks_with().profile_unpack("nope", io.BytesIO(), RecordingTarget())


class TakesOver:
    @hookimpl
    def datasete_profile_formats(self):
        return [ProfileFormat("datasete-zip", "Mine", ".mine")]

    @hookimpl
    def datasete_profile_pack(self, sink):
        return PackingSummary(0, sink.write(b"mine"))

    @hookimpl
    def datasete_profile_unpack(self, target):
        target.describe("mine")
        return PackingSummary(0, 0)


def test_a_third_party_can_take_a_format_over_when_ours_is_blocked(hooks_with):
    hooks, sink, target = hooks_with(("datasete_zip",), mine=TakesOver()), ForwardSink(), RecordingTarget()
    assert hooks.profile_formats()["datasete-zip"].label == "Mine"
    hooks.profile_pack("datasete-zip", EMPTY, sink)
    hooks.profile_unpack("", io.BytesIO(b"whatever"), target)
    assert (bytes(sink.data), target.name) == (b"mine", "mine")


class Broken:
    @hookimpl
    def datasete_profile_pack(self):
        raise KeyError("password")

    @hookimpl
    def datasete_profile_unpack(self):
        raise KeyError("password")


def test_a_plugin_that_fails_is_a_sentence_without_its_text(hooks_with):
    hooks = hooks_with(broken=Broken())
    for call in (
        lambda: hooks.profile_pack("datasete-zip", EMPTY, ForwardSink()),
        lambda: hooks.profile_unpack("", io.BytesIO(), RecordingTarget()),
    ):
        with pytest.raises(StoreError, match="KeyError") as caught:
            call()
        assert "password" not in str(caught.value)

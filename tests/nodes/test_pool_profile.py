"""The profile node."""

import itertools

import pytest

from datasete.application import build_application, set_application
from datasete.config import Settings, SpaceSettings
from datasete.errors import CorruptData, InvalidName, NotFound
from datasete.host.api import BareHost
from datasete.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
from datasete.nodes.pool_profile import PoolProfile

numbers = itertools.count()


@pytest.fixture
def app(tmp_path):
    settings = Settings(pools=SpaceSettings(url=f"memory://profile-node-{next(numbers)}"))
    made = build_application(BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user"), settings)
    set_application(made)
    yield made
    set_application(None)
    made.close()


def test_the_ports_are_those_of_the_contract():
    assert list(PoolProfile.INPUT_TYPES()) == ["required"]
    assert list(PoolProfile.INPUT_TYPES()["required"]) == ["profile", "profile_id"]
    assert PoolProfile.RETURN_TYPES == ("POOL_PROFILE",)
    assert PoolProfile.RETURN_NAMES == ("profile",)
    assert NODE_CLASS_MAPPINGS["PoolProfile"] is PoolProfile
    assert NODE_DISPLAY_NAME_MAPPINGS["PoolProfile"] == "Pool Profile"


@pytest.mark.parametrize("profile_id", ["", "default"])
async def test_nothing_chosen_is_the_default_pool(app, profile_id):
    assert await PoolProfile().run("", profile_id) == ("default",)


async def test_the_output_is_the_id_whatever_the_name_says(app):
    profile = app.profiles.create("samples")
    assert await PoolProfile().run("an older name", profile.id) == (profile.id,)


async def test_a_profile_that_is_not_on_this_machine_is_named_and_import_is_offered(app):
    with pytest.raises(NotFound, match="“samples” is not on this machine") as caught:
        await PoolProfile().run("samples", "7d1a4dd6-5f0e-4ea5-a6a1-c9e9a3c1f6a7")
    assert "Import" in caught.value.hint


async def test_a_list_of_profiles_that_cannot_be_read_is_an_error(app):
    app.pools.storage.write("profiles.json", b"[")
    with pytest.raises(CorruptData):
        await PoolProfile().run("samples", "7d1a4dd6-5f0e-4ea5-a6a1-c9e9a3c1f6a7")


@pytest.mark.parametrize("profile_id", ["../x", "a/b", "con"])
async def test_a_bad_id_is_refused_before_and_in_a_run(app, profile_id):
    assert "cannot be used" in PoolProfile.VALIDATE_INPUTS(profile_id)
    with pytest.raises(InvalidName):
        await PoolProfile().run("x", profile_id)


def test_the_cache_key_is_the_id():
    assert PoolProfile.IS_CHANGED(profile="x", profile_id="y") == "y"
    assert PoolProfile.VALIDATE_INPUTS("y") is PoolProfile.VALIDATE_INPUTS("") is True

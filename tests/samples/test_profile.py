"""The profile “samples”, which the fifth example shows."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from datasete.application import build_application
from datasete.config import Settings, SpaceSettings
from datasete.host.api import BareHost
from datasete.imaging.image_header import read_header
from datasete.pools import commands
from datasete.samples import NAME, SAMPLES, make_profile, make_samples
from datasete.workbench.assets import find_pack


@pytest.fixture
def application(tmp_path):
    made = build_application(BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user"), Settings())
    yield made
    made.close()


def test_it_holds_labelled_photographs_and_a_mask(application):
    make_samples(application)
    pictures = application.pools.manifest(SAMPLES).pictures
    assert application.profiles.get(SAMPLES).name == NAME
    assert len(pictures) == 5
    assert all(picture.label for picture in pictures)
    assert [bool(picture.mask) for picture in pictures] == [True, False, False, False, False]
    files = [read_header(application.pools.file(SAMPLES, name).data) for name in pictures[0].files]
    assert (files[0].width, files[0].height) == (files[1].width, files[1].height)


def test_what_a_person_made_of_it_is_left_alone(application):
    make_samples(application)
    application.pools.edit(SAMPLES, commands.label("img_0001.jpg", "mine"))
    application.profiles.rename(SAMPLES, "mine")
    make_samples(application)
    assert [profile.name for profile in application.profiles.registry().profiles] == ["mine"]
    assert application.pools.manifest(SAMPLES).pictures[0].label == "mine"
    application.profiles.delete(SAMPLES)
    make_samples(application)
    assert not application.pools.exists(SAMPLES)


def test_a_start_that_was_cut_short_is_finished_by_the_next(application):
    make_samples(application)
    application.pools.storage.delete("profiles.json")
    make_samples(application)
    assert application.profiles.get(SAMPLES).name == NAME
    assert len(application.pools.manifest(SAMPLES).pictures) == 5


def test_a_list_of_other_profiles_is_left_as_it_is(application):
    application.profiles.create("other")
    make_samples(application)
    assert [profile.name for profile in application.profiles.registry().profiles] == ["other"]
    assert not application.pools.exists(SAMPLES)


def test_a_place_that_somebody_configured_is_not_written_to(tmp_path):
    place = tmp_path / "shared"
    host = BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")
    application = build_application(host, Settings(pools=SpaceSettings(url=str(place))))
    make_samples(application)
    application.close()
    assert not place.exists()


def test_the_example_chooses_it():
    [example] = find_pack().examples.glob("5-*.json")
    nodes = {node["type"]: node for node in json.loads(example.read_text("utf-8"))["nodes"]}
    assert nodes["PoolProfile"]["widgets_values"] == [NAME, SAMPLES]
    assert nodes["GridImagePool"]["widgets_values"] == [-1, SAMPLES]


def test_asked_for_it_is_made_even_where_a_list_of_others_exists(application):
    application.profiles.create(NAME)
    assert make_profile(application).name == f"{NAME} (2)"
    assert len(application.pools.manifest(SAMPLES).pictures) == 5


def test_asked_for_again_it_is_the_persons_own(application):
    make_profile(application)
    application.profiles.rename(SAMPLES, "mine")
    assert make_profile(application).name == "mine"


def test_two_who_ask_at_once_get_one_set(application):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: make_profile(application), range(4)))
    assert len(application.pools.manifest(SAMPLES).pictures) == 5
    assert [profile.id for profile in application.profiles.registry().profiles] == [SAMPLES]

"""Settings from a file and from the environment."""

import pytest

from datasete.config import load_settings
from datasete.errors import ConfigError


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith("DATASETE_")]:
        monkeypatch.delenv(name)


def test_nothing_needs_to_be_configured(tmp_path):
    settings = load_settings(tmp_path)
    assert settings.bus.url == ""
    assert settings.bus.history == 5


def test_the_first_folder_with_a_file_decides(tmp_path):
    first, second = tmp_path / "user", tmp_path / "pack"
    for folder, url in ((first, "memory://first"), (second, "memory://second")):
        folder.mkdir()
        (folder / "datasete.toml").write_text(f'[bus]\nurl = "{url}"\n')
    assert load_settings(tmp_path / "missing", first, second).bus.url == "memory://first"


def test_the_environment_wins_over_the_file_key_by_key(tmp_path, monkeypatch):
    (tmp_path / "datasete.toml").write_text('[bus]\nurl = "memory://file"\nhistory = 9\n')
    monkeypatch.setenv("DATASETE_BUS__URL", "s3://bucket/bus")
    monkeypatch.setenv("DATASETE_BUS__OPTIONS", '{"endpoint_url": "http://127.0.0.1:9"}')
    bus = load_settings(tmp_path).bus
    assert (bus.url, bus.history) == ("s3://bucket/bus", 9)
    assert bus.options.get_secret_value() == {"endpoint_url": "http://127.0.0.1:9"}


def test_further_spaces_are_named_in_the_file(tmp_path):
    (tmp_path / "datasete.toml").write_text('[spaces.nas]\nurl = "smb://nas/share"\noptions = { username = "me" }\n')
    nas = load_settings(tmp_path).spaces["nas"]
    assert nas.url == "smb://nas/share"
    assert nas.options.get_secret_value() == {"username": "me"}


def test_options_are_never_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("DATASETE_BUS__OPTIONS", '{"secret": "hunter2"}')
    settings = load_settings(tmp_path)
    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_a_named_file_is_the_only_one_read(tmp_path, monkeypatch):
    (tmp_path / "datasete.toml").write_text("[bus]\nhistory = 1\n")
    named = tmp_path / "studio.toml"
    named.write_text("[bus]\nhistory = 2\n")
    monkeypatch.setenv("DATASETE_CONFIG", str(named))
    assert load_settings(tmp_path).bus.history == 2


def test_a_named_file_that_is_missing_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("DATASETE_CONFIG", str(tmp_path / "gone.toml"))
    with pytest.raises(ConfigError, match=r"gone\.toml, and no such file exists"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[bus]\nhistory = -1\n", "bus.history"),
        ("[bus]\nurll = 'x'\n", "bus.urll"),
        ("[buss]\nurl = 'x'\n", "buss"),
        ("[limits]\nimage_pixels = 'many'\n", "limits.image_pixels"),
        ("not toml", "cannot be read"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path, text, says):
    (tmp_path / "datasete.toml").write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        load_settings(tmp_path)
    assert "datasete.toml" in caught.value.hint


def test_a_secret_in_broken_options_is_not_repeated(tmp_path, monkeypatch):
    monkeypatch.setenv("DATASETE_BUS__OPTIONS", '{"secret": "hunter2"')
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path)
    assert "hunter2" not in str(caught.value)

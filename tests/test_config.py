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


FILE = """
[bus]
url = "smb://nas/share"
options = { port = 1445, username = "me", cache = { size = "5 GB" } }
[gates.options]
style = "calm"
[spaces.nas]
options = { username = "me" }
"""


@pytest.mark.parametrize(
    ("variables", "section", "expected"),
    [
        ({"BUS__OPTIONS": '{"password": "x"}'}, "bus", {"port": 1445, "username": "me", "password": "x"}),
        ({"BUS__OPTIONS__PASSWORD": "007"}, "bus", {"port": 1445, "username": "me", "password": "007"}),
        ({"bus__options__password": "x"}, "bus", {"port": 1445, "username": "me", "password": "x"}),
        (
            {"BUS__OPTIONS__PASSWORD": "y", "BUS__OPTIONS": '{"password": "x", "port": 2}'},
            "bus",
            {"port": 2, "username": "me", "password": "y"},
        ),
        ({"BUS": '{"options": {"password": "x"}}'}, "bus", {"port": 1445, "username": "me", "password": "x"}),
        (
            {"BUS": '{"options": {"password": "x"}}', "BUS__OPTIONS__PORT": "2"},
            "bus",
            {"port": "2", "username": "me", "password": "x"},
        ),
        ({"BUS__OPTIONS": '{"port": null}'}, "bus", {"username": "me"}),
        ({"SPACES__NAS__OPTIONS__PASSWORD": "x"}, "nas", {"username": "me", "password": "x"}),
        ({"SPACES__NAS__OPTIONS": '{"password": "x"}'}, "nas", {"username": "me", "password": "x"}),
        ({"GATES__OPTIONS__TONE": "low"}, "gates", {"style": "calm", "tone": "low"}),
    ],
)
def test_options_in_a_variable_join_those_in_the_file(tmp_path, monkeypatch, variables, section, expected):
    (tmp_path / "datasete.toml").write_text(FILE)
    for name, value in variables.items():
        monkeypatch.setenv(f"DATASETE_{name}", value)
    settings = load_settings(tmp_path)
    found = settings.spaces["nas"] if section == "nas" else getattr(settings, section)
    options = dict(found.options.get_secret_value())
    if section == "bus":
        assert options.pop("cache") == {"size": "5 GB"}
        assert settings.bus.url == "smb://nas/share"
    assert options == expected


def test_a_nested_option_in_a_variable_joins_its_table(tmp_path, monkeypatch):
    (tmp_path / "datasete.toml").write_text(FILE)
    monkeypatch.setenv("DATASETE_BUS__OPTIONS__CACHE__FOLDER", "/fast")
    assert load_settings(tmp_path).bus.options.get_secret_value()["cache"] == {"size": "5 GB", "folder": "/fast"}


def test_a_space_may_be_called_options(tmp_path, monkeypatch):
    monkeypatch.setenv("DATASETE_SPACES__OPTIONS__URL", "memory://x")
    monkeypatch.setenv("DATASETE_SPACES__OPTIONS__OPTIONS__PORT", "1")
    found = load_settings(tmp_path).spaces["options"]
    assert (found.url, found.options.get_secret_value()) == ("memory://x", {"port": "1"})


@pytest.mark.parametrize("text", ['["hunter2"]', '"hunter2"', "hunter2", ""])
def test_options_that_are_no_table_are_an_error_that_names_the_variable(tmp_path, monkeypatch, text):
    monkeypatch.setenv("DATASETE_BUS__OPTIONS", text)
    with pytest.raises(ConfigError, match="DATASETE_BUS__OPTIONS is not a JSON object") as caught:
        load_settings(tmp_path)
    assert "hunter2" not in str(caught.value)


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

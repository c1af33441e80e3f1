"""``datasete serve`` before it serves; what it serves is tested in tests/workbench."""

import pytest

from datasete.cli import main
from datasete.cli.serve import _chosen_token
from datasete.errors import ConfigError


@pytest.mark.parametrize("port", ["99999", "65536", "-1", "x", "８１９８", ""])
def test_what_is_not_a_port_is_status_2_and_one_sentence(port, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["serve", f"--port={port}", "--data", str(tmp_path)])
    assert "is not a port: a number from 0 to 65535." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("token", ["short", "with a space", "größer-als-acht"])
def test_what_is_no_token_is_status_2_and_one_sentence(token, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["serve", f"--token={token}", "--data", str(tmp_path)])
    assert "a token has at least 8 characters" in capsys.readouterr().err


def test_a_token_is_given_made_or_taken_from_the_environment(monkeypatch):
    monkeypatch.delenv("DATASETE_TOKEN", raising=False)
    assert _chosen_token(None) == ""
    assert _chosen_token("given-token") == "given-token"
    assert len(_chosen_token(True)) >= 20
    assert _chosen_token(True) != _chosen_token(True)
    monkeypatch.setenv("DATASETE_TOKEN", "from-the-environment")
    assert _chosen_token(None) == "from-the-environment"
    assert _chosen_token("given-token") == "given-token"
    monkeypatch.setenv("DATASETE_TOKEN", "x")
    with pytest.raises(ConfigError, match="DATASETE_TOKEN cannot be used"):
        _chosen_token(None)


@pytest.mark.parametrize("option", ["--host=0.0.0.0", "--frontend=nowhere", "--data={file}"])
def test_what_an_option_names_and_cannot_be_used_is_status_2(option, tmp_path, capsys):
    file = tmp_path / "file"
    file.write_text("x")
    assert main(["serve", "--port=0", f"--data={tmp_path / 'data'}", option.format(file=file)]) == 2
    assert capsys.readouterr().err

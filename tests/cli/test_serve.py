"""``datasete serve`` before it serves; what it serves is tested in tests/workbench."""

import pytest

from datasete.cli import main


@pytest.mark.parametrize("port", ["99999", "65536", "-1", "x", "８１９８", ""])
def test_what_is_not_a_port_is_status_2_and_one_sentence(port, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["serve", f"--port={port}", "--data", str(tmp_path)])
    assert "is not a port: a number from 0 to 65535." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []

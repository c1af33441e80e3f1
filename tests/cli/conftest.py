"""The command line, called as a program calls it."""

import pytest
from PIL import Image

from datasete.cli import main


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "red.png"
    Image.new("RGB", (6, 4), (200, 10, 10)).save(path)
    return path


@pytest.fixture
def call(tmp_path, capsys):
    def call(*arguments):
        status = main([*map(str, arguments), "--data", str(tmp_path / "data")])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call

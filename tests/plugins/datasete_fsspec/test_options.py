"""docs/storage.md has a row for every option of a store, and for no other."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from datasete.plugin import ConfigError, Space
from datasete_cache import DEFAULT_BYTES, cache_options
from datasete_fsspec.options import options_of

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "storage.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("section", "engine", "module"),
    [("S3", "botocore", "datasete_fsspec.s3.client"), ("SMB", "smbclient", "datasete_fsspec.smb.share")],
)
def test_the_options_are_those_of_the_docs(section, engine, module):
    pytest.importorskip(engine)
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", text, re.MULTILINE)
    documented = [name for row in rows for name in re.findall(r"\w+", row)]
    assert sorted(documented) == sorted(import_module(module).OPTIONS)


def test_texts_from_environment_variables_are_taken_for_what_they_say():
    space = Space("nas", "smb://nas/share", {"port": "1445", "encrypt": "true", "timeout": "2.5", "password": "007"})
    known = dict.fromkeys(space.options, "")
    assert options_of(space, known, "SMB") == {"port": 1445, "encrypt": True, "timeout": 2.5, "password": "007"}
    with pytest.raises(ConfigError, match="neither true nor false"):
        options_of(Space("nas", "smb://nas/share", {"encrypt": "perhaps"}), known, "SMB")


@pytest.mark.parametrize(("text", "size"), [("false", 0), ("0", 0), ("true", DEFAULT_BYTES)])
def test_so_are_those_of_the_cache(text, size):
    assert cache_options(Space("nas", "smb://nas/share", {"cache": text})).size == size

"""docs/storage.md has a row for every option of a store, and for no other."""

import re
from importlib import import_module
from pathlib import Path

import pytest

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

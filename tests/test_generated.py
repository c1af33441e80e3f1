"""Generated files are what their sources say."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GENERATED = runpy.run_path(str(ROOT / "tests" / "generated.py"))["GENERATED"]


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_file_is_up_to_date(name):
    assert (ROOT / name).read_text("utf-8") == GENERATED[name](), "run `make requirements`"


def test_comfyui_keeps_the_torch_it_chose():
    assert "torch" not in GENERATED["requirements.txt"]().splitlines()[1:].__repr__()

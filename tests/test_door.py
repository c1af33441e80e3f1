"""The door, opened as ComfyUI opens it and as others stumble into it. Each in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from clones import copy_pack

import datasete

ROOT = Path(__file__).resolve().parent.parent

STANDIN = f"""
sys.path.insert(0, {str(ROOT / "tests" / "kit")!r})
import standin_comfyui, asyncio
sys.path.pop(0)
standin_comfyui.install(Path({str(ROOT)!r}))
standin_comfyui.PromptServer(asyncio.new_event_loop())
"""

OPEN = """
import importlib.util, json, logging, sys
from pathlib import Path

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")

def load(folder):
    name = folder.replace(".", "_x_")
    spec = importlib.util.spec_from_file_location(name, folder + "/__init__.py")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

{before}
before = list(sys.path)
door = load(sys.argv[1])
facts = dict(
    nodes=sorted(door.NODE_CLASS_MAPPINGS),
    titles=sorted(door.NODE_DISPLAY_NAME_MAPPINGS),
    web=door.WEB_DIRECTORY,
    path_kept=sys.path == before,
    package=getattr(sys.modules.get("datasete"), "__file__", None),
)
{after}
print(json.dumps(facts))
"""


def run(*arguments: str, cwd: Path, program: str, fails: bool = False) -> tuple[Any, list[str]]:
    """Run a program; return what it printed as JSON, and its log line by line."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode != 0) is fails, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None, done.stderr.splitlines()


def opened(clone: Path, before: str = "", after: str = "") -> tuple[Any, list[str]]:
    return run(str(clone), cwd=clone.parent, program=OPEN.format(before=before, after=after))


@pytest.mark.parametrize("name", ["datasete", "my.pack v2"])
def test_a_clone_opens_under_any_folder_name_and_leaves_the_path_alone(tmp_path: Path, name: str) -> None:
    folder = copy_pack(tmp_path / "custom_nodes" / name)
    facts, log = opened(folder, after="import datasete_fsspec; facts['plugin'] = datasete_fsspec.__file__")
    assert "ImageGate" in facts["nodes"]
    assert facts["titles"] == facts["nodes"]
    assert facts["web"] == "./web"
    assert facts["path_kept"]
    assert facts["package"] == str(folder / "datasete" / "__init__.py")
    assert facts["plugin"] == str(folder / "plugins" / "datasete_fsspec" / "__init__.py")
    assert log == []


def test_a_bundled_plugin_that_fails_to_import_is_left_out_alone(tmp_path: Path) -> None:
    folder = copy_pack(tmp_path / "pack")
    (folder / "plugins" / "datasete_fsspec" / "__init__.py").write_text("import a_module_that_is_missing")
    facts, log = opened(folder, before=STANDIN)
    assert "ImageGate" in facts["nodes"]
    [line] = [line for line in log if line.startswith("ERROR")]
    assert "datasete_fsspec" in line
    assert "a_module_that_is_missing" in line


def test_without_comfyui_nothing_is_started(tmp_path: Path) -> None:
    after = "from datasete import application as a; facts['started'] = a.is_started()"
    facts, _ = opened(ROOT, after=after + "\nfacts['server'] = 'aiohttp' in sys.modules")
    assert facts["started"] is False
    assert facts["server"] is False


HEAVY = [
    "aiohttp",
    "boto3",
    "botocore",
    "datasete.batch.service",
    "datasete.bus.service",
    "datasete.imaging.png",
    "datasete.imaging.previews",
    "datasete.nodes.encoding",
    "datasete.nodes.gate_pipeline",
    "datasete.pools",
    "datasete.profiles",
    "datasete.server",
    "datasete.workbench",
    "datasete_fsspec.local",
    "datasete_fsspec.s3",
    "datasete_zip.archive",
    "fsspec",
    "isal",
    "obstore",
    "PIL",
    "s3fs",
    "smbclient",
    "sqlite3",
]


def test_opening_loads_nothing_that_only_a_run_or_a_request_needs() -> None:
    after = f"""
from datasete.application import build_application
from datasete.host.api import BareHost
application = build_application(BareHost(Path("a"), Path("b"), Path("c")))
loaded = lambda: sorted(name for name in {HEAVY!r} if name in sys.modules and name not in already)
facts["early"] = loaded()
application.pools, application.batches, application.bus
facts["late"] = loaded()
application.close()
"""
    facts, _ = opened(ROOT, before="import torch; already = set(sys.modules)", after=after)
    assert facts["early"] == []
    assert {"datasete.bus.service", "datasete.pools", "datasete.batch.service"} <= set(facts["late"])


def test_a_module_called_server_that_is_not_comfyuis_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text("raise SystemExit('imported')")
    facts, _ = opened(ROOT, before=f"sys.path.insert(0, {str(tmp_path)!r})")
    assert "ImageGate" in facts["nodes"]


def test_a_copy_that_is_imported_already_is_used_and_named_in_one_line(tmp_path: Path) -> None:
    folder = copy_pack(tmp_path / "custom_nodes" / "second")
    facts, log = opened(folder, before=f"load({str(ROOT)!r})")
    assert facts["package"] == str(ROOT / "datasete" / "__init__.py")
    assert "ImageGate" in facts["nodes"]
    lines = [line for line in log if "is imported already and is used" in line]
    assert log == lines
    assert f"datasete {datasete.__version__} from {ROOT / 'datasete'} is" in lines[0]
    assert str(folder / "datasete") in lines[0]


def test_a_second_copy_in_one_comfyui_brings_neither_modules_nor_nodes(tmp_path: Path) -> None:
    folder = copy_pack(tmp_path / "custom_nodes" / "second")
    before = STANDIN + f"first = load({str(ROOT)!r})"
    facts, log = opened(
        folder, before=before, after="facts['first'] = [first.WEB_DIRECTORY, len(first.NODE_CLASS_MAPPINGS)]"
    )
    assert facts["first"][0] == "./web"
    assert facts["first"][1] > 0
    assert (facts["web"], facts["nodes"], facts["titles"]) == (None, [], [])
    [line] = [line for line in log if line.startswith("WARNING")]
    assert str(folder) in line
    assert str(ROOT) in line
    assert "Remove one of the two" in line


def test_a_missing_dependency_is_one_line_with_the_command_that_mends_it() -> None:
    facts, log = opened(ROOT, before="sys.modules['pluggy'] = None")
    assert facts["nodes"] == []
    [line] = log
    assert "pluggy" in line
    assert f'"{sys.executable}" -m pip install -r "{ROOT / "requirements.txt"}"' in line


def test_a_configuration_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "datasete.toml").write_text("colour = 7")
    before = f"import os; os.environ['DATASETE_CONFIG'] = {str(tmp_path / 'datasete.toml')!r}\n" + STANDIN
    facts, log = opened(ROOT, before=before)
    assert facts["nodes"] == []
    assert len([line for line in log if line.startswith("ERROR")]) == 1


def test_a_clone_named_like_the_package_is_the_package_when_imported_from_above(tmp_path: Path) -> None:
    folder = copy_pack(tmp_path / "custom_nodes" / "datasete")
    program = """
import json, datasete, datasete.ids
from datasete.errors import DataseteError
print(json.dumps([datasete.__file__, datasete.ids.__file__, datasete.__version__]))
"""
    facts, log = run(cwd=folder.parent, program=program)
    assert facts[:2] == [str(folder / "datasete" / "__init__.py"), str(folder / "datasete" / "ids.py")]
    assert log == []


@pytest.mark.parametrize("name", ["datasete", "pack"])
def test_pytest_collects_in_a_clone_of_any_name(tmp_path: Path, name: str) -> None:
    folder = copy_pack(tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests").mkdir()
    (folder / "tests" / "test_it.py").write_text(
        "import datasete\nfrom datasete.ids import new_id\n\n"
        "def test_it() -> None:\n    assert new_id() and datasete.__version__\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout

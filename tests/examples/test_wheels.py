"""Our wheel and those of the examples, in an environment of their own: what a stranger's ``pip install`` makes of them.

Nothing is fetched: wheels are built with the hatchling that is here, and the environment finds torch, pytest and the
like where they are installed already, behind what is installed into it.
"""

import json
import os
import sqlite3
import subprocess
import sys
import sysconfig
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("wheels")

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/pyproject.toml"))
NAMES = [path.name for path in EXAMPLES]


def run(*command, **options):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=200, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    run(*pip, "--no-build-isolation", "--wheel-dir", folder, ROOT, *EXAMPLES)
    return sorted(folder.iterdir())


class Environment:
    """A virtual environment with the wheels in it."""

    def __init__(self, folder, wheels):
        run(sys.executable, "-m", "venv", "--without-pip", folder)
        self.folder = folder
        self.bin = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.bin / Path(sys.executable).name
        pip = (sys.executable, "-m", "pip", "--python", self.python, "--quiet", "--disable-pip-version-check")
        run(*pip, "install", "--no-deps", "--no-index", *wheels)
        # a path file in this folder is read, those in the folder that it names are not: no editable install comes along
        (self.packages / "behind.pth").write_text(sysconfig.get_path("purelib"), "utf-8")

    @property
    def packages(self):
        return next(self.folder.glob("[Ll]ib/**/site-packages"))

    def run(self, program, *arguments, data=None, **variables):
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "DATASETE", "PYTEST"))}
        options = {"cwd": self.folder, "env": kept | variables}
        return run(self.bin / program, *arguments, *(("--data", data) if data else ()), **options)


@pytest.fixture(scope="module")
def environment(wheels, tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("clean") / "venv", wheels)


CLONE = """
import importlib.util, json, logging, sys
spec = importlib.util.spec_from_file_location("/ComfyUI/custom_nodes/a.clone", sys.argv[1])
sys.modules[spec.name] = door = importlib.util.module_from_spec(spec)
spec.loader.exec_module(door)
from datasete.config import PluginSettings
from datasete.hooks.manager import build_hooks
print(json.dumps({plugin.name: [plugin.origin, plugin.fault] for plugin in build_hooks(PluginSettings()).plugins}))
"""


def test_a_clone_that_no_pip_knows_of_finds_installed_plugins(wheels, tmp_path):
    """As in ComfyUI: the clone is loaded from its file, and only the plugins are installed."""
    alone = Environment(tmp_path / "venv", [path for path in wheels if not path.name.startswith("datasete-")])
    found = json.loads(alone.run("python", "-c", CLONE, ROOT / "__init__.py"))
    assert found["sqlite"] == ["datasete-sqlite 1.0.0", ""]
    assert found["webhook"] == ["datasete-webhook 1.0.0", ""]


@pytest.fixture
def data(tmp_path):
    (tmp_path / "data" / "input").mkdir(parents=True)
    Image.new("RGB", (8, 6), "teal").save(tmp_path / "data" / "input" / "photo.png")
    return tmp_path / "data"


def test_everything_is_used_from_the_wheels(environment):
    modules = ("datasete", "datasete_fsspec", "datasete_queue", "datasete_zip", "datasete_sqlite", "datasete_webhook")
    script = f"import {', '.join(modules)}; print(*(each.__file__ for each in ({', '.join(modules)})), sep='\\n')"
    places = environment.run("python", "-c", script).splitlines()
    assert all(Path(place).is_relative_to(environment.packages) for place in places), places


def test_a_wheel_of_ours_carries_all_modules_and_nothing_of_the_tests(wheels):
    ours = next(path for path in wheels if path.name.startswith("datasete-"))
    with zipfile.ZipFile(ours) as archive:
        names = set(archive.namelist())
    wanted = {path.relative_to(ROOT).as_posix() for path in (ROOT / "datasete").rglob("*.py")}
    assert wanted <= names
    assert {"datasete/pack/web/image_gate.js", "datasete_fsspec/s3/store.py"} <= names
    assert "datasete/pack/locales/de/nodeDefs.json" in names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "docs", "examples"))]


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_the_tests_of_an_example_pass_on_its_wheel(environment, example, tmp_path):
    # beside the tests, and not beside the sources, which would be imported in the wheel's place
    for path in (example / "pyproject.toml", *(example / "tests").glob("*.py")):
        copy = tmp_path / path.relative_to(example)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    pytest_here = (
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--rootdir={tmp_path}",
        "-c",
        tmp_path / "pyproject.toml",
    )
    shown = environment.run("python", *pytest_here, tmp_path / "tests", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert " passed" in shown
    assert "skipped" not in shown


def test_the_plugins_are_found_by_their_entry_points_alone(environment, data):
    found = json.loads(environment.run("datasete", "plugins", "--json", data=data))
    plugins = {plugin["name"]: plugin for plugin in found}
    assert plugins["sqlite"] == {
        "name": "sqlite",
        "origin": "datasete-sqlite 1.0.0",
        "hooks": ["datasete_open_store", "datasete_schemes"],
        "fault": "",
    }
    assert "datasete_queue_trigger" in plugins["webhook"]["hooks"]
    assert not [plugin for plugin in found if plugin["fault"]]


def test_a_gate_publishes_to_the_file_by_configuration_alone(environment, data, tmp_path):
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "photo.png"}},
        "2": {"class_type": "ImageGate", "inputs": {"image": ["1", 0], "send_id": "portrait", "routes": 1}},
        "3": {"class_type": "PreviewImage", "inputs": {"images": ["2", 1]}},
    }
    (tmp_path / "workflow.json").write_text(json.dumps(graph), "utf-8")
    there = {"DATASETE_BUS__URL": f"sqlite://{tmp_path}/slots.db", "DATASETE_GATES__POLICY": "headless"}
    environment.run("datasete", "run", tmp_path / "workflow.json", "--wait", data=data, **there)
    listed = json.loads(environment.run("datasete", "bus", "ls", "--json", data=data, **there))
    assert [slot["id"] for slot in listed] == ["portrait"]
    with closing(sqlite3.connect(tmp_path / "slots.db")) as database:
        keys = [key for (key,) in database.execute("select key from blobs where key like 'portrait/%' order by key")]
    assert keys == ["portrait/image.png", "portrait/mask.png"]
    assert not (data / "input" / "gate_bus").exists()


def test_the_doctor_finds_the_file_safe_to_share(environment, data, tmp_path):
    examined = environment.run("datasete", "doctor", data=data, DATASETE_BUS__URL=f"sqlite://{tmp_path}/slots.db")
    assert examined.count("Safe to share between tabs and processes of this machine.") == 2


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
@pytest.mark.parametrize("check", [("mypy",), ("ruff", "check", "."), ("ruff", "format", "--check", ".")], ids=" ".join)
def test_an_example_is_clean(example, check):
    run(Path(sys.executable).with_name(check[0]), *check[1:], cwd=example)

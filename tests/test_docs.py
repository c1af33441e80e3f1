"""Every snippet in the docs that names a file is written to that file and used."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from datasete import plugin
from datasete.plugin import hookspecs

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "plugins.md").read_text("utf-8")
FENCE = re.compile(r"^```(\w*)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SNIPPETS = {name: text for _, name, text in FENCE.findall(TEXT) if name}


@pytest.fixture
def project(tmp_path):
    for name, text in SNIPPETS.items():
        (tmp_path / name).write_text(text.replace("/tmp/bus.db", str(tmp_path / "bus.db")), "utf-8")
    return tmp_path


def run(project, *arguments):
    path = os.pathsep.join(map(str, (project, ROOT, ROOT / "plugins")))
    environment = {"PYTHONPATH": path, "DATASETE_CONFIG": str(project / "datasete.toml")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project, env=environment, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


def test_no_python_escapes_being_run():
    assert all(name for language, name, _ in FENCE.findall(TEXT) if language == "python")


def test_the_store_is_about_forty_lines_of_code():
    lines = [line for line in SNIPPETS["sqlite_store.py"].splitlines() if line.strip()]
    assert len(lines) < 45


def test_the_store_passes_the_conformance_suite(project):
    done = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_sqlite_store.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 60


def test_the_store_is_used_by_configuration_alone(project):
    listed = run(project, "-m", "datasete.cli", "plugins", "--data", str(project))
    assert re.search(
        r"^sqlite_store +configuration +datasete_open_store, datasete_schemes$", listed.stdout, re.MULTILINE
    ), listed
    examined = run(project, "-m", "datasete.cli", "doctor", "--data", str(project))
    assert "sqlite:///" in examined.stdout
    assert examined.stdout.count("Safe to share between tabs and processes of this machine.") == 2, examined
    assert (project / "bus.db").stat().st_size > 0


def test_the_wrapper_wraps_and_the_observer_hears(project, monkeypatch, caplog):
    from datasete.config import PluginSettings
    from datasete.hooks.manager import build_hooks
    from datasete.plugin import Gate, Space

    monkeypatch.syspath_prepend(str(project))
    with caplog.at_level("INFO"):
        hooks = build_hooks(PluginSettings(load=("counting", "observer")))
        store = hooks.open_store(Space("bus", "memory://docs"))
        assert (store.read(["a"]), store.reads) == ({}, 1)
        hooks.gate_answered(Gate("p", "7", 0, routes=2, frames=1, width=1, height=1), 2)
        hooks.close()
    assert "node 7: route 2" in caplog.text
    for name in ("counting", "observer"):
        sys.modules.pop(name)


def test_the_policy_decides_when_the_configuration_names_it(project, monkeypatch):
    from datasete.config import PluginSettings
    from datasete.hooks.manager import build_hooks
    from datasete.plugin import Decision, Gate, PolicyChoice

    monkeypatch.syspath_prepend(str(project))
    hooks = build_hooks(PluginSettings(load=("small_ones",)))
    named, small = PolicyChoice("small_ones", 2, 12.0), Gate("p", "7", 0, routes=2, frames=1, width=640, height=480)
    large = Gate("p", "7", 0, routes=2, frames=1, width=6400, height=4800)
    assert hooks.gate_policy(small, named) == Decision(2, 12.0, "Small pictures need no eye.")
    assert hooks.gate_policy(large, named).route is None
    assert hooks.gate_policy(small, PolicyChoice()) is None
    hooks.close()
    sys.modules.pop("small_ones")


@pytest.mark.parametrize(
    ("name", "count"), [("test_small_ones.py", 6), ("test_observer.py", 5), ("test_unhurried.py", 8)]
)
def test_a_plugin_of_the_tutorial_passes_its_checks(project, name, count):
    done = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) == count


def test_every_module_of_the_tutorial_is_used():
    text = Path(__file__).read_text("utf-8") + "".join(text for name, text in SNIPPETS.items() if "test" in name)
    for name in SNIPPETS:
        assert Path(name).stem in text.replace(f'"{name}"', name), name


def test_every_suite_is_in_the_table():
    import datasete.testing

    for path in Path(datasete.testing.__file__).parent.glob("[a-z]*.py"):
        for suite in re.findall(r"^class (\w+Conformance)\b", path.read_text("utf-8"), re.MULTILINE):
            assert f"| `{suite}` | `datasete.testing.{path.stem}` |" in TEXT


HOOKS_TEXT = (ROOT / "docs" / "hooks.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(name for name in vars(hookspecs) if name.startswith("datasete_")))
def test_every_hook_has_a_heading_equal_to_its_signature(name):
    annotated = inspect.signature(getattr(hookspecs, name))
    arguments = ", ".join(f"{each.name}: {each.annotation}" for each in annotated.parameters.values())
    assert f"\n## `{name}({arguments}) -> {annotated.return_annotation}`\n" in HOOKS_TEXT


@pytest.mark.parametrize("name", sorted(plugin.__all__))
def test_every_public_name_is_described(name):
    assert re.search(rf"^(### |\| )`{name}\b", HOOKS_TEXT, re.MULTILINE)

"""Every hook is documented, tested and stable."""

import inspect
from pathlib import Path

import pytest

from datasete.plugin import hookspecs

ROOT = Path(__file__).resolve().parents[2]
HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("datasete_"))

# Plugins of others name these arguments. A hook may gain further ones at its end; nothing else may ever change.
FROZEN = {
    "datasete_open_store": ["space"],
    "datasete_schemes": [],
    "datasete_gate_opened": ["gate"],
    "datasete_gate_answered": ["gate", "route", "decision"],
    "datasete_gate_policy": ["gate", "policy"],
    "datasete_slot_published": ["slot", "version"],
    "datasete_queue_trigger": ["job"],
    "datasete_batch_advanced": ["batch"],
    "datasete_batch_finished": ["batch"],
    "datasete_profile_formats": [],
    "datasete_profile_pack": ["format", "profile", "sink"],
    "datasete_profile_unpack": ["format", "source", "target"],
}


def test_the_hooks_are_the_ones_whose_arguments_are_frozen():
    assert sorted(FROZEN) == HOOKS


@pytest.mark.parametrize("name", HOOKS)
def test_arguments_are_only_ever_added(name):
    assert list(inspect.signature(getattr(hookspecs, name)).parameters)[: len(FROZEN[name])] == FROZEN[name]


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_says_when_it_is_called_and_has_annotations(name):
    hook = getattr(hookspecs, name)
    assert inspect.getdoc(hook).startswith("Called ")
    assert all(each.annotation is not each.empty for each in inspect.signature(hook).parameters.values())


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_has_a_heading_and_a_test(name):
    assert f"## `{name}(" in (ROOT / "docs" / "hooks.md").read_text("utf-8")
    here = Path(__file__).name
    assert any(name in file.read_text("utf-8") for file in ROOT.glob("tests/**/test_*.py") if file.name != here)

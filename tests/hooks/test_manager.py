"""Loading plugins and calling their hooks."""

import logging
import sys
import types

import pytest

from datasete.config import PluginSettings
from datasete.errors import ConfigError, StoreError
from datasete.hooks.loading import FAULT_CHARACTERS
from datasete.hooks.manager import BUNDLED, build_hooks
from datasete.plugin import Gate, ProfileFormat, Space, hookimpl

MEMORY = Space("bus", "memory://manager-tests")
GATE = Gate(prompt_id="p", node_id="2", list_index=0, routes=2, frames=1, width=4, height=3)


def module(name, **functions):
    made = types.ModuleType(name)
    for key, function in functions.items():
        setattr(made, key, hookimpl(function))
    return made


def faults(hooks):
    return {plugin.name: plugin.fault for plugin in hooks.plugins if plugin.fault}


@pytest.fixture
def importable(monkeypatch):
    def add(made):
        monkeypatch.setitem(sys.modules, made.__name__, made)
        return made.__name__

    return add


def test_the_bundled_plugins_are_active_and_say_what_they_fill():
    plugins = {plugin.name: plugin for plugin in build_hooks(PluginSettings()).plugins}
    assert set(BUNDLED) <= set(plugins)
    assert plugins["datasete_fsspec"].hooks == ("datasete_open_store", "datasete_schemes")
    assert plugins["datasete_fsspec"].origin == "bundled"


def test_a_configured_module_is_loaded(importable):
    name = importable(module("studio_plugin", datasete_gate_opened=lambda gate: None))
    plugins = {plugin.name: plugin for plugin in build_hooks(PluginSettings(load=(name,))).plugins}
    assert plugins[name].origin == "configuration"
    assert plugins[name].hooks == ("datasete_gate_opened",)


def test_a_module_that_cannot_be_imported_leaves_itself_out_with_one_line(caplog):
    with caplog.at_level(logging.ERROR):
        hooks = build_hooks(PluginSettings(load=("no_such_plugin_module",)))
    assert "ModuleNotFoundError" in faults(hooks)["no_such_plugin_module"]
    assert len([record for record in caplog.records if "is left out" in record.message]) == 1
    assert hooks.open_store(MEMORY)


def test_a_misspelt_hook_leaves_the_whole_plugin_out(importable):
    heard = []
    made = module(
        "misspelt", datasete_gate_opend=lambda gate: None, datasete_gate_answered=lambda gate: heard.append(1)
    )
    hooks = build_hooks(PluginSettings(load=(importable(made),)))
    assert faults(hooks) == {"misspelt": "no hook is named datasete_gate_opend"}
    hooks.gate_answered(GATE, 1)
    hooks.close()
    assert heard == []


def test_an_argument_that_no_hook_has_leaves_the_plugin_out(importable):
    made = module("wrong_argument", datasete_gate_opened=lambda gait: None)
    hooks = build_hooks(PluginSettings(load=(importable(made),)))
    assert "gait" in faults(hooks)["wrong_argument"]
    hooks.gate_opened(GATE)
    hooks.close()


def test_a_name_that_is_taken_leaves_the_second_out_and_the_first_in():
    hooks = build_hooks(PluginSettings(load=("datasete_fsspec",)))
    named = [plugin for plugin in hooks.plugins if plugin.name == "datasete_fsspec"]
    assert [plugin.origin for plugin in named if not plugin.fault] == ["bundled"]
    assert hooks.open_store(MEMORY)


def test_only_narrows_loading_and_block_removes(importable):
    name = importable(module("narrow", datasete_gate_opened=lambda gate: None))
    only = build_hooks(PluginSettings(load=(name,), only=(name,)))
    assert [plugin.name for plugin in only.plugins] == [name]
    blocked = build_hooks(PluginSettings(load=(name,), block=(name,)))
    assert name not in [plugin.name for plugin in blocked.plugins]


def test_a_third_party_takes_a_scheme_over_from_the_bundled_plugin():
    class Mine:
        pass

    mine = Mine()
    theirs = module("mine", datasete_open_store=lambda space: mine if space.scheme == "memory" else None)
    hooks = build_hooks(PluginSettings(), {"mine": theirs})
    assert hooks.open_store(MEMORY) is mine


def test_a_wrapper_wraps_the_store_it_was_yielded():
    class Wrapped:
        def __init__(self, inner):
            self.inner = inner

    class Wrapper:
        @hookimpl(wrapper=True)
        def datasete_open_store(self, space):
            inner = yield
            return Wrapped(inner)

    store = build_hooks(PluginSettings(), {"wrapper": Wrapper()}).open_store(MEMORY)
    assert isinstance(store, Wrapped)
    assert store.inner.capabilities.atomic_replace


def test_a_url_that_nobody_accepts_is_a_configuration_error():
    hooks = build_hooks(PluginSettings(block=("datasete_fsspec",)))
    with pytest.raises(ConfigError, match="No plugin stores anything at carrier-pigeon://"):
        hooks.open_store(Space("bus", "carrier-pigeon://coop"))


def test_a_plugin_that_crashes_on_opening_is_a_store_error_without_its_message():
    def crash(space):
        raise ZeroDivisionError("secret in here")

    hooks = build_hooks(PluginSettings(), {"crash": module("crash", datasete_open_store=crash)})
    with pytest.raises(StoreError, match="ZeroDivisionError") as caught:
        hooks.open_store(MEMORY)
    assert "secret" not in str(caught.value)


def test_a_missing_engine_names_the_package_to_install():
    def engine(space):
        raise ModuleNotFoundError("No module named 'smbprotocol'", name="smbprotocol")

    hooks = build_hooks(PluginSettings(), {"engine": module("engine", datasete_open_store=engine)})
    with pytest.raises(ConfigError, match=r"pip install smbprotocol"):
        hooks.open_store(Space("bus", "smb://nas/share"))


def test_a_missing_engine_of_fsspec_is_named_too():
    with pytest.raises(ConfigError, match="gcsfs is not installed"):
        build_hooks(PluginSettings()).open_store(Space("bus", "gs://bucket/x"))


def test_what_is_wrong_with_a_plugin_is_one_short_line():
    same = module("same", datasete_gate_opened=lambda gate: None)
    told = faults(build_hooks(PluginSettings(), {"one": same, "two": same}))["two"]
    assert "already registered" in told
    assert len(told) <= FAULT_CHARACTERS + 1
    assert "\n" not in told


def test_observers_get_the_arguments_they_name():
    heard = []
    plugin = module(
        "observer",
        datasete_gate_opened=lambda gate: heard.append(("opened", gate)),
        datasete_gate_answered=lambda route: heard.append(("answered", route)),
        datasete_slot_published=lambda version, slot: heard.append((slot, version)),
    )
    hooks = build_hooks(PluginSettings(), {"observer": plugin})
    hooks.gate_opened(GATE)
    hooks.gate_answered(GATE, 2)
    hooks.slot_published("cp1", "t")
    hooks.close()
    assert heard == [("opened", GATE), ("answered", 2), ("cp1", "t")]


def test_a_wrapper_runs_around_each_observer():
    heard = []

    class Wrapper:
        @hookimpl(wrapper=True)
        def datasete_slot_published(self, slot):
            heard.append(f"before {slot}")
            yield
            heard.append(f"after {slot}")

    one = module("one", datasete_slot_published=lambda version: heard.append(f"one {version}"))
    two = module("two", datasete_slot_published=lambda version: heard.append(f"two {version}"))
    hooks = build_hooks(PluginSettings(), {"one": one, "wrapper": Wrapper(), "two": two})
    hooks.slot_published("cp1", "t")
    hooks.close()
    assert heard == ["before cp1", "two t", "after cp1", "before cp1", "one t", "after cp1"]


def test_two_plugins_with_one_format_id_leave_the_later_one_out_with_both_names():
    mine = module("mine", datasete_profile_formats=lambda: [ProfileFormat("training-set", "Mine", ".mine")])
    hooks = build_hooks(PluginSettings(), {"mine": mine})
    assert "datasete_zip and mine both list the profile format “training-set”" in faults(hooks)["mine"]
    assert hooks.profile_formats()["training-set"].label.startswith("Training set")


def test_a_clash_of_format_ids_that_comes_later_is_a_configuration_error():
    listed = []
    mine = module("mine", datasete_profile_formats=lambda: listed)
    hooks = build_hooks(PluginSettings(), {"mine": mine})
    listed.append(ProfileFormat("mine", "Mine", ".mine"))
    assert [*hooks.profile_formats()] == ["datasete-zip", "training-set", "mine"]
    listed.append(ProfileFormat("datasete-zip", "Mine", ".mine"))
    with pytest.raises(ConfigError, match="datasete_zip and mine") as caught:
        hooks.profile_formats()
    assert "plugins.block" in caught.value.hint


def test_a_plugin_that_fails_to_list_its_formats_is_a_store_error_without_its_message():
    def crash():
        if ready:
            raise KeyError("password")
        return []

    ready = []
    hooks = build_hooks(PluginSettings(), {"mine": module("mine", datasete_profile_formats=crash)})
    ready.append(1)
    with pytest.raises(StoreError, match="KeyError") as caught:
        hooks.profile_formats()
    assert "password" not in str(caught.value)


def test_a_plugin_that_cannot_be_hashed_is_left_out_and_stops_no_other():
    class Unhashable:
        __hash__ = None

        @hookimpl
        def datasete_slot_published(self, slot):
            raise AssertionError("left out")

    heard = []
    other = module("other", datasete_slot_published=lambda slot: heard.append(slot))
    hooks = build_hooks(PluginSettings(), {"unhashable": Unhashable(), "other": other})
    assert "unhashable" in faults(hooks)["unhashable"]
    hooks.slot_published("cp1", "t")
    hooks.close()
    assert heard == ["cp1"]


def test_a_faulty_plugin_under_a_name_that_is_taken_leaves_the_first_in():
    class Broken:
        @hookimpl
        def datasete_gate_opend(self, gate):
            pass

    hooks = build_hooks(PluginSettings(), {"datasete_fsspec": Broken()})
    assert len([plugin for plugin in hooks.plugins if plugin.fault]) == 1
    assert hooks.open_store(MEMORY)


def test_tracing_logs_calls_and_no_options(caplog):
    mine = module("mine", datasete_open_store=lambda space: object())
    with caplog.at_level(logging.INFO):
        build_hooks(PluginSettings(trace=True), {"mine": mine}).open_store(Space("b", "x://y", {"secret": "hunter2"}))
    assert "hook datasete_open_store(" in caplog.text
    assert "hunter2" not in caplog.text

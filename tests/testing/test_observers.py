"""The suite for observers, on one of a stranger and on faulty ones."""

import pytest

from datasete.config import PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import hookimpl, hookspecs
from datasete.testing.loading import NAME
from datasete.testing.observers import NOTICES, ObserverConformance


class Sound:
    """Hears everything, and names few arguments."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def datasete_gate_opened(self, gate):
        self.heard.append(gate.node_id)

    @hookimpl
    def datasete_gate_answered(self, route):
        self.heard.append(route)

    @hookimpl
    def datasete_slot_published(self, slot, version):
        self.heard.append(f"{slot} {version}")

    @hookimpl
    def datasete_batch_advanced(self):
        self.heard.append("on")

    @hookimpl
    def datasete_batch_finished(self, batch):
        self.heard.append(batch.folder)


class TestSound(ObserverConformance):
    plugin = Sound()


class NoStopping:
    @hookimpl
    def datasete_gate_answered(self, route):
        return route + 1  # there is none when the run was stopped


class EndsOnce:
    @hookimpl
    def datasete_batch_finished(self, batch):
        self.done.add(batch.key)


class Once:
    def __init__(self):
        self.slots = set()

    @hookimpl
    def datasete_slot_published(self, slot):
        assert slot not in self.slots
        self.slots.add(slot)


class Silent:
    @hookimpl
    def datasete_open_store(self, space):
        return None


class Misspelt:
    @hookimpl
    def datasete_gate_opend(self, gate):
        pass


@pytest.mark.parametrize(
    ("plugin", "check"),
    [
        (Silent, "test_it_is_loaded_and_observes_something"),
        (Misspelt, "test_it_is_loaded_and_observes_something"),
        (NoStopping, "test_it_takes_every_notice"),
        (Once, "test_it_takes_the_same_notice_again_and_again"),
        (EndsOnce, "test_it_takes_notices_of_gates_that_never_opened"),
    ],
)
def test_a_faulty_observer_is_found(plugin, check, caplog):
    class Tried(ObserverConformance):
        pass

    Tried.plugin = plugin()
    hooks = build_hooks(PluginSettings(), {NAME: Tried.plugin})
    method = getattr(Tried(), check)
    with pytest.raises(AssertionError):
        method(hooks) if "loaded" in check else method(hooks, caplog)
    hooks.close()


def test_the_suite_sends_every_notice_there_is():
    plugin = Sound()
    hooks = build_hooks(PluginSettings(), {NAME: plugin})
    for notice in ObserverConformance().notices(hooks):
        notice()
    hooks.close()
    filled = next(each for each in hooks.plugins if each.name == NAME).hooks
    about = ("datasete_gate_", "datasete_slot_", "datasete_batch_")
    assert (
        {*filled} == NOTICES == {name for name in vars(hookspecs) if name.startswith(about)} - {"datasete_gate_policy"}
    )
    assert {"7", None, "on", "photos", f"cp1 {'0' * 32}"} <= {*plugin.heard}

"""What the state machines of pools and profiles share: a space of their own to work on, and how far they are driven."""

import itertools
import shutil
import tempfile

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from scale import rounds

from datasete.config import PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import Space
from datasete.storage import Storage

hooks = build_hooks(PluginSettings())
numbers = itertools.count()


class StoreMachine(RuleBasedStateMachine):
    """A machine over one space, on the memory store or in a folder."""

    kind = "memory"
    steps = 0

    def make_space(self):
        self.folder = tempfile.mkdtemp() if self.kind == "local" else None
        self.space = Space("pools", self.folder or f"memory://machine-{next(numbers)}")

    def open_storage(self):
        return Storage(hooks.open_store(self.space), self.space)

    def teardown(self):
        if getattr(self, "folder", None):
            shutil.rmtree(self.folder)


def drive(machine, kind, steps, per_example):
    """Run sequences of `per_example` steps until the machine took `steps`: of a sample and of a thorough run."""
    wanted = rounds(*steps)
    own = type(f"{kind.title()}{machine.__name__}", (machine,), {"kind": kind, "steps": 0})
    while own.steps < wanted:
        run_state_machine_as_test(
            own,
            settings=settings(
                max_examples=max(10, (wanted - own.steps) // per_example),
                stateful_step_count=per_example,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    print(f"{machine.__name__}, {kind}: {own.steps:,} steps")

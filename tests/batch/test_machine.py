"""Batches against a simple model, under everything that happens to them: Hypothesis chooses what and when.

The model knows nothing of tickets, presses and queues. It holds which files there are and which were done in this pass,
and says what must be true whatever happened: the order, no file twice, none left out, and a queue that does not grow.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from scale import rounds

from datasete.batch.service import Batches
from datasete.batch.state import CONTINUE, RESET, SKIP, STOP, Status
from datasete.batch.views import Held
from datasete.config import BatchSettings, PluginSettings
from datasete.errors import Conflict, InvalidInput
from datasete.hooks.manager import build_hooks
from datasete.host.api import Interrupted
from datasete.ids import natural_key
from datasete.testing.runs import memory_host

STEPS_EACH = 50
STEPS = rounds(3000, ci=45_000)
BOTTOM = 3
"""So many presses may wait at once; more change nothing but the length of a test."""


MODES, ERRORS = st.sampled_from([CONTINUE, RESET]), st.sampled_from([STOP, SKIP])


MEMORY = "/dev/shm"
"""Nothing here is about disks."""


class Died(BaseException):
    """The server is killed."""


class Broken(BaseException):
    """What must be true in a run is not; no host may take that for a node that failed."""


class Machine(RuleBasedStateMachine):
    """One folder, one workflow in several tabs, one server that comes and goes."""

    trigger = "server"
    steps = 0

    @initialize(count=st.integers(1, 6))
    def start(self, count):
        self.home = Path(tempfile.mkdtemp(prefix="datasete-machine-", dir=MEMORY if Path(MEMORY).is_dir() else None))
        self.host, self.runs = memory_host(self.home)
        self.clock = self.runs.clock
        self.folder = self.home / "input" / "photos"
        self.folder.mkdir()
        self.hooks = build_hooks(PluginSettings())
        self.fresh = 0
        self.done: list[str] = []  # of this pass, in the order in which they were done
        self.skipped: list[str] = []
        self.expected: list[str] = []  # the list of this pass
        self.at_work = ""  # the file that a run took and that is neither done nor skipped
        self.passes = 0
        self.asked = 0
        for _ in range(count):
            self.add_file()
        self.open()

    def open(self):
        self.out: set[str] = set()
        enqueue = self.runs.enqueue

        def watched(prompt):
            """No trigger is fired while another one of the same walk waits in the queue."""
            if prompt.ticket:
                if any(waiting.ticket in self.out for waiting in self.runs.waiting if waiting.ticket):
                    raise Broken
                self.out.add(prompt.ticket)
            enqueue(prompt)

        self.runs.enqueue = watched
        ledger = self.home / "user" / "batches.sqlite"
        self.batches = Batches(self.host, self.hooks, ledger, BatchSettings(trigger=self.trigger), clock=self.clock)

    def teardown(self):
        if hasattr(self, "batches"):
            self.batches.close()
            self.hooks.close()
            shutil.rmtree(self.home)

    # --- what people do --------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.runs.waiting) < BOTTOM)
    @rule(
        mode=st.sampled_from([CONTINUE, RESET]), errors=st.sampled_from([STOP, SKIP]), times=st.sampled_from([1, 1, 3])
    )
    def press(self, mode, errors, times):
        Machine.steps += 1
        for _ in range(times):
            self.runs.press({"1": {"class_type": "BatchImageLoader", "inputs": {"mode": mode, "errors": errors}}})

    @rule()
    def add_file(self):
        Machine.steps += 1
        self.fresh += 1
        (self.folder / f"{self.fresh * 7 % 100}-{self.fresh}.png").touch()

    @rule(data=st.data())
    def remove_file(self, data):
        Machine.steps += 1
        names = sorted(path.name for path in self.folder.iterdir())
        if len(names) > 1:
            (self.folder / data.draw(st.sampled_from(names))).unlink()

    @precondition(lambda self: self.batches.all())
    @rule()
    def pause(self):
        Machine.steps += 1
        self.batches.pause(self.key)

    @precondition(lambda self: self.batches.all())
    @rule()
    def resume(self):
        Machine.steps += 1
        try:
            self.batches.resume(self.key)
        except Conflict:
            assert self.batch.status is Status.STOPPED

    @precondition(lambda self: self.batches.all())
    @rule()
    def reset(self):
        Machine.steps += 1
        self.batches.reset(self.key)
        self.done, self.skipped, self.expected, self.at_work = [], [], [], ""

    @rule()
    def clear_the_queue(self):
        Machine.steps += 1
        self.runs.waiting.clear()

    @rule()
    def clear_the_history(self):
        Machine.steps += 1
        self.runs.history.clear()

    # --- what the server does --------------------------------------------------------------------------------------

    @precondition(lambda self: self.runs.waiting)
    @rule(outcome=st.sampled_from([None, None, None, None, ValueError("failed"), Interrupted()]))
    def run(self, outcome):
        Machine.steps += 1
        self.run_one(outcome)

    @precondition(lambda self: self.runs.waiting)
    @rule(times=st.integers(2, 8))
    def walk(self, times):
        Machine.steps += 1
        for _ in range(times):
            if self.runs.waiting:
                self.run_one(None)
                self.check_all()

    def run_one(self, outcome):
        self.host.sent.clear()
        end = self.runs.run_next(lambda prompt: self.work(prompt, outcome))
        if self.took:
            self.model(end.kind, self.took)
        self.answer_browser()

    @precondition(lambda self: self.runs.waiting)
    @rule(taken=st.booleans())
    def die_in_a_run(self, taken):
        Machine.steps += 1
        try:
            self.runs.run_next(lambda prompt: self.work(prompt, Died()) if taken else self.die(prompt))
        except Died:
            self.restart()
        else:
            assert not self.took  # a run that is late takes nothing to die over

    @rule()
    def restart(self):
        Machine.steps += 1
        self.batches.close()
        self.host, self.runs = memory_host(self.home)
        self.runs.clock = self.clock
        self.open()
        self.batches.revive()

    @precondition(lambda self: self.runs.waiting and self.trigger == "server")
    @rule()
    def die_between_state_and_trigger(self):
        Machine.steps += 1
        watched, self.runs.enqueue = self.runs.enqueue, self.die
        try:
            end = self.runs.run_next(lambda prompt: self.work(prompt, None))
        except Died:
            self.model("success", self.took)
            self.restart()
            assert len(self.runs.waiting) == 1
        else:
            self.runs.enqueue = watched
            if self.took:
                self.model(end.kind, self.took)

    def die(self, prompt):
        raise Died

    def answer_browser(self):
        """The tab that was asked presses Queue; one that nobody sits at does not."""
        for name, _, _ in list(self.host.sent):
            if name == "impact-add-queue":
                self.runs.press({"1": {"class_type": "BatchImageLoader", "inputs": {"mode": RESET, "errors": STOP}}})

    def work(self, prompt, outcome):
        self.took = None
        try:
            self.load(prompt, outcome)
        except AssertionError as error:
            raise Broken from error

    def load(self, prompt, outcome):
        inputs = prompt.graph["1"]["inputs"]
        loaders = self.batches.loaders
        source, call = loaders.source("photos"), loaders.current_call(inputs["mode"], inputs["errors"], 0)
        before, alive = self.batch, self.alive()
        promised = loaders.fingerprint(source, call)
        try:
            item = loaders.begin(source, call)
        except InvalidInput:
            assert not list(self.folder.iterdir())
            raise
        assert loaders.fingerprint(source, call) == promised
        if isinstance(item, Held):
            assert not alive
            return
        if self.batch.passes != self.passes:
            assert not (alive and before.stretch.mode == RESET)
            self.begin_pass(before, call)
        self.check(item)
        self.took = (item, inputs["errors"])
        if outcome:
            raise outcome

    def begin_pass(self, before, call):
        """A pass begins only for a press: on a batch that is fresh or finished, or with Reset."""
        assert not call.ticket
        assert before is None or before.status in (Status.FRESH, Status.FINISHED) or call.mode == RESET
        self.passes = self.batch.passes
        self.done, self.skipped, self.at_work = [], [], ""
        self.expected = sorted((path.name for path in self.folder.iterdir()), key=natural_key)

    def check(self, item):
        """The file is the first of the list that is neither done nor skipped, or was added since."""
        self.expected += [name for name in self.names() if name not in self.expected]
        left = [name for name in self.expected if name not in self.done and name not in self.skipped]
        assert item.name == left[0]
        assert item.index == self.expected.index(item.name)
        assert item.count == len(self.done)

    def names(self):
        return [item.name for item in self.batches.items(self.key)]

    def model(self, kind, took):
        item, errors = took
        if kind == "success":
            self.done.append(item.name)
        elif kind == "failed" and errors == SKIP:
            self.skipped.append(item.name)

    # --- what is always true ---------------------------------------------------------------------------------------

    @property
    def key(self):
        return self.batches.all()[0].key

    @property
    def batch(self):
        entries = self.batches.all()
        return entries[0].batch if entries else None

    def alive(self):
        """Whether the batch walks, and its trigger, if one is out, can still come back."""
        batch = self.batch
        if batch is None or batch.status is not Status.RUNNING or batch.active:
            return False
        return batch.pending is None or not batch.pending.run or self.runs.prompt(batch.pending.run) is not None

    def check_all(self):
        self.no_file_is_done_twice()
        self.at_most_one_trigger_waits()
        self.the_ledger_says_what_was_done()
        self.a_finished_batch_has_left_nothing_out()

    @invariant()
    def no_file_is_done_twice(self):
        if hasattr(self, "done"):
            assert len(set(self.done)) == len(self.done)

    @invariant()
    def at_most_one_trigger_waits(self):
        if hasattr(self, "runs"):
            assert len([prompt for prompt in self.runs.waiting if prompt.ticket]) <= 2
            live = [
                p
                for p in self.runs.waiting
                if self.batch and self.batch.pending and p.ticket == self.batch.pending.ticket
            ]
            assert len(live) <= 1

    @invariant()
    def the_ledger_says_what_was_done(self):
        if hasattr(self, "batches") and self.batch and self.batch.status is not Status.FRESH:
            items = list(self.batches.items(self.key))
            assert [item.name for item in items if item.state == "done"] == [
                name for name in self.expected if name in self.done
            ]
            assert [item.name for item in items if item.state == "skipped"] == [
                name for name in self.expected if name in self.skipped
            ]

    @invariant()
    def a_finished_batch_has_left_nothing_out(self):
        if hasattr(self, "batches") and self.batch and self.batch.status is Status.FINISHED:
            assert set(self.done) | set(self.skipped) == set(self.expected)


class ByBrowser(Machine):
    """The same with a trigger that can carry no ticket."""

    trigger = "impact"


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("machine", "share"), [(Machine, 0.75), (ByBrowser, 0.25)])
def test_batches_behave_like_their_model(machine, share, capsys):
    examples = max(10, int(STEPS * share / (0.75 * STEPS_EACH)))  # some end early
    Machine.steps = 0
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS_EACH,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    with capsys.disabled():
        print(f"\n{machine.__name__}: {Machine.steps} steps")

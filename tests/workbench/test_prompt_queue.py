"""The queue: order, what can be taken out, what is remembered, and how it ends."""

from __future__ import annotations

import asyncio
import threading
import uuid

import pytest

from datasete.workbench import prompt_queue
from datasete.workbench.caching import OutputCache
from datasete.workbench.execution import Execution
from datasete.workbench.prompt_queue import PromptQueue, QueuedRun

PATIENCE = 20


def job(kind="Note", number=0.0, **inputs):
    prompt = {"1": {"class_type": kind, "inputs": inputs}}
    return QueuedRun(number, str(uuid.uuid4()), prompt, ["1"], {"client_id": "tab"})


class Queue(PromptQueue):
    """A queue over the stage's nodes; `over` counts the runs that ended."""

    def __init__(self, stage):
        cache = OutputCache()
        self.over = threading.Semaphore(0)
        self.told = []
        super().__init__(
            lambda run, in_thread: Execution(run, stage.classes, cache, lambda *message: None, in_thread),
            lambda: self.told.append(self.remaining()),
            lambda run: self.over.release(),
        )

    def wait(self, runs=1):
        for _ in range(runs):
            assert self.over.acquire(timeout=PATIENCE)


@pytest.fixture
def queue(stage):
    made = Queue(stage)
    made.start()
    yield made
    made.close()


def started(stage, name):
    for _ in range(PATIENCE * 100):
        if f"waits {name}" in stage.log:
            return
        threading.Event().wait(0.01)
    pytest.fail(f"{name} never waited")


def test_runs_follow_each_other_in_the_order_of_their_numbers(stage, queue):
    queue.put(job("Wait", name="first"))
    started(stage, "first")
    for number in (3, 1, 2, -1):
        queue.put(job(number=number, value=number))
    assert [run.number for run in queue.pending()] == [-1, 1, 2, 3]
    stage.gate("first").set()
    queue.wait(5)

    assert stage.log[2:] == [-1, 1, 2, 3]


def test_a_waiting_node_holds_up_later_prompts(stage, queue):
    queue.put(job("Wait", name="gate"))
    started(stage, "gate")
    queue.put(job(value="later"))

    assert queue.remaining() == 2
    assert "later" not in stage.log
    stage.gate("gate").set()
    queue.wait(2)
    assert stage.log[-1] == "later"


def test_a_finished_run_is_in_the_history_with_its_outputs_and_status(stage, queue):
    run = job(value="x")
    queue.put(run)
    queue.wait()

    entry = queue.finished(run.prompt_id)
    assert entry["prompt"] == [0.0, run.prompt_id, run.prompt, run.extra_data, ["1"]]
    assert entry["outputs"] == {"1": {"seen": ["x"]}}
    assert entry["status"]["status_str"] == "success"
    assert entry["status"]["completed"] is True
    assert [name for name, _ in entry["status"]["messages"]][-1] == "execution_success"
    assert entry["meta"]["1"]["display_node"] == "1"


def test_a_failed_run_is_in_the_history_and_the_next_one_runs(stage, queue):
    failed = job("Fail")
    queue.put(failed)
    queue.put(job(value="next"))
    queue.wait(2)

    assert queue.finished(failed.prompt_id)["status"]["completed"] is False
    assert stage.log == ["next"]


def test_a_run_that_breaks_off_in_the_executor_itself_does_not_end_the_queue(stage, queue):
    broken = QueuedRun(0, "broken", {"1": {"class_type": "No such node", "inputs": {}}}, ["1"], {})
    queue.put(broken)
    queue.put(job(value="next"))
    queue.wait(2)

    assert queue.finished("broken")["status"]["status_str"] == "error"
    assert stage.log == ["next"]


def test_an_interrupt_for_another_run_changes_nothing(stage, queue):
    queue.put(job("Wait", name="gate"))
    started(stage, "gate")

    assert queue.interrupt("another run") is False
    stage.gate("gate").set()
    queue.wait()
    assert stage.log == ["waits gate", "left gate"]


@pytest.mark.parametrize("named", [True, False])
def test_an_interrupt_for_the_running_prompt_or_for_any_is_delivered(stage, queue, named):
    behind = {
        "1": {"class_type": "Wait", "inputs": {"name": "gate"}},
        "2": {"class_type": "Note", "inputs": {"value": ["1", 0]}},
    }
    run = QueuedRun(0, str(uuid.uuid4()), behind, ["2"], {"client_id": "tab"})
    queue.put(run)
    started(stage, "gate")

    assert queue.interrupt(run.prompt_id if named else None) is True
    stage.gate("gate").set()
    queue.wait()
    assert [name for name, _ in queue.finished(run.prompt_id)["status"]["messages"]][-1] == "execution_interrupted"
    assert queue.interrupt() is False, "nothing runs any more"


def test_an_interrupt_does_not_reach_the_next_run(stage, queue):
    queue.put(job("Wait", name="gate"))
    started(stage, "gate")
    queue.put(job(value="next"))
    queue.interrupt()
    stage.gate("gate").set()
    queue.wait(2)

    assert stage.log[-1] == "next"


def test_waiting_runs_can_be_taken_out(stage, queue):
    queue.put(job("Wait", name="gate"))
    started(stage, "gate")
    unwanted, wanted = job(value="unwanted"), job(value="wanted")
    queue.put(unwanted)
    queue.put(wanted)

    assert queue.remove([unwanted.prompt_id, "unknown"]) == 1
    stage.gate("gate").set()
    queue.wait(2)
    assert stage.log[-1] == "wanted"
    assert queue.finished(unwanted.prompt_id) is None


def test_the_queue_can_be_cleared(stage, queue):
    queue.put(job("Wait", name="gate"))
    started(stage, "gate")
    queue.put(job(value="never"))
    queue.clear()
    stage.gate("gate").set()
    queue.wait()

    assert queue.remaining() == 0
    assert "never" not in stage.log


def test_the_history_is_listed_in_parts_and_forgotten(stage, queue):
    runs = [job(value=number) for number in range(4)]
    for run in runs:
        queue.put(run)
    queue.wait(4)
    ids = [run.prompt_id for run in runs]

    assert list(queue.history()) == ids
    assert list(queue.history(max_items=2)) == ids[2:]
    assert list(queue.history(max_items=2, offset=1)) == ids[1:3]
    queue.forget([ids[0], "unknown"])
    assert list(queue.history()) == ids[1:]
    queue.forget()
    assert queue.history() == {}


def test_the_history_forgets_the_oldest_runs(stage, monkeypatch):
    monkeypatch.setattr(prompt_queue, "MAX_FINISHED_RUNS", 2)
    queue = Queue(stage)
    queue.start()
    runs = [job(value=number) for number in range(3)]
    for run in runs:
        queue.put(run)
    queue.wait(3)
    queue.close()

    assert list(queue.history()) == [run.prompt_id for run in runs[1:]]


def test_every_change_is_told(stage, queue):
    queue.put(job(value=1))
    queue.wait()

    assert queue.told == [1, 1, 0], "queued, started, ended"


def test_closing_ends_a_node_that_looks_for_an_interrupt(stage):
    queue = Queue(stage)
    queue.start()
    queue.put(job("Wait", name="gate"))
    started(stage, "gate")
    queue.put(job(value="never"))
    queue.close()

    assert stage.log[-1] in {"waits gate", "left gate"}
    assert "never" not in stage.log


def test_closing_ends_a_node_that_does_not_look_for_an_interrupt(stage, make_node):
    left = threading.Event()

    async def deaf(self):
        stage.log.append("waits deaf")
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    stage.classes["Deaf"] = make_node(deaf, OUTPUT_NODE=True)
    queue = Queue(stage)
    queue.start()
    queue.put(job("Deaf"))
    started(stage, "deaf")
    queue.close(grace_seconds=0.2)

    assert left.wait(PATIENCE)


def test_a_queue_that_was_never_started_can_be_closed(stage):
    Queue(stage).close()

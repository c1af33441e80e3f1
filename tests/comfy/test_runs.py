"""ComfyUI's queue as batches see it: a server of the same shape, its loop, its queue and its validation in modules."""

import asyncio
import heapq
import sys
import threading
from collections import namedtuple
from types import ModuleType, SimpleNamespace

import pytest

from datasete.comfy.runs import ComfyRuns
from datasete.errors import InvalidInput
from datasete.host.runs import CANCELLED, FAILED, SUCCESS, QueuedPrompt, run_end

Status = namedtuple("Status", "status_str completed messages")  # noqa: PYI024 - ComfyUI's is one
GRAPH = {"1": {"class_type": "Node", "inputs": {}}}


class PromptQueue:
    """What is used of ComfyUI's queue, in its shape."""

    def __init__(self):
        self.queue, self.currently_running, self.history = [], {}, {}

    def put(self, item):
        heapq.heappush(self.queue, item)

    def get(self):
        item = heapq.heappop(self.queue)
        self.currently_running[len(self.history)] = item
        return item, len(self.history)

    def task_done(self, item_id, history_result, status, process_item=None):
        item = self.currently_running.pop(item_id)
        self.history[item[1]] = {"prompt": item, "status": status._asdict() if status else None, **history_result}

    def wipe_queue(self):
        self.queue = []

    def get_current_queue(self):
        return list(self.currently_running.values()), list(self.queue)

    def get_history(self, prompt_id=None):
        return {prompt_id: self.history[prompt_id]} if prompt_id in self.history else {}


@pytest.fixture
def loop():
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def server(loop):
    return SimpleNamespace(
        loop=loop, number=5, prompt_queue=PromptQueue(), trigger_on_prompt=lambda body: {**body, "seen": True}
    )


@pytest.fixture(params=[True, False], ids=["6-tuples", "5-tuples"])
def new(request):
    """ComfyUI's modules, of a version with secrets in a place of their own, and of an older one."""
    execution, nodes = ModuleType("execution"), ModuleType("nodes")
    if request.param:
        execution.SENSITIVE_EXTRA_DATA_KEYS = ("api_key_comfy_org",)

    async def validate_prompt(prompt_id, prompt, targets):
        good = all(node["class_type"] == "Node" for node in prompt.values())
        return (good, None if good else {"message": "Prompt failed", "details": "no such node"}, targets or ["1"], {})

    execution.validate_prompt = validate_prompt
    nodes.NODE_CLASS_MAPPINGS = {"Node": type("Node", (), {"INPUT_TYPES": classmethod(lambda cls: {"required": {}})})}
    before = {name: sys.modules.get(name) for name in ("execution", "nodes")}
    sys.modules.update(execution=execution, nodes=nodes)
    yield request.param
    for name, module in before.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module


def prompt(prompt_id="p", **more):
    return QueuedPrompt(prompt_id, GRAPH, {"client_id": "tab"}, {"api_key_comfy_org": "hush"}, ("1",), **more)


def test_a_prompt_is_queued_in_the_form_in_use(server, new):
    ComfyRuns(server).enqueue(prompt())
    (item,) = server.prompt_queue.queue
    assert item[:3] == (5, "p", GRAPH)
    assert item[4] == ["1"]
    assert server.number == 6
    assert ("api_key_comfy_org" in item[3]) is not new
    assert item[5:] == (({"api_key_comfy_org": "hush"},) if new else ())


def test_what_waits_and_what_runs_is_read_with_its_secrets_apart(server, new):
    runs = ComfyRuns(server)
    runs.enqueue(prompt())
    for _ in range(2):
        found = runs.prompt("p")
        assert (found.graph, found.client_id, found.targets) == (GRAPH, "tab", ("1",))
        assert found.secrets == {"api_key_comfy_org": "hush"}
        assert "api_key_comfy_org" not in found.extra_data
        assert isinstance(found.queued, int)
        if server.prompt_queue.queue:
            server.prompt_queue.get()
    assert runs.prompt("q") is None


def test_what_a_run_left_in_its_prompt_is_not_queued_again(server, new):
    runs = ComfyRuns(server)
    runs.enqueue(prompt())
    item, _ = server.prompt_queue.get()
    item[2]["1"]["is_changed"] = [float("nan")]  # as ComfyUI does when it asks the node
    found = runs.prompt("p")
    runs.enqueue(QueuedPrompt("q", found.graph, found.extra_data))
    (following,) = server.prompt_queue.queue
    assert following[2] == GRAPH
    following[2]["1"]["inputs"]["seed"] = 7
    assert (GRAPH["1"]["inputs"], item[2]["1"]["inputs"]) == ({}, {})


def test_a_prompt_that_comfyui_refuses_is_not_queued(server, new):
    with pytest.raises(InvalidInput, match="Prompt failed no such node"):
        ComfyRuns(server).enqueue(QueuedPrompt("p", {"1": {"class_type": "Other", "inputs": {}}}))
    assert server.prompt_queue.queue == []


@pytest.mark.parametrize(
    ("messages", "completed", "kind", "reason"),
    [
        ([("execution_start", {}), ("execution_success", {"timestamp": 7})], True, SUCCESS, ""),
        ([("execution_interrupted", {"timestamp": 7})], False, CANCELLED, "The run was cancelled."),
        (
            [("execution_error", {"timestamp": 7, "node_type": "KSampler", "exception_message": "out of\nmemory"})],
            False,
            FAILED,
            "KSampler: out of memory",
        ),
    ],
)
def test_the_end_of_a_run_is_told_before_the_history_knows_it(server, new, messages, completed, kind, reason):
    runs, told = ComfyRuns(server), []
    runs.watch(lambda end: told.append((end, dict(server.prompt_queue.history), runs.prompt(end.prompt_id))))
    runs.enqueue(prompt())
    _, number = server.prompt_queue.get()
    status = Status("success" if completed else "error", completed, messages)
    server.prompt_queue.task_done(number, {"outputs": {}}, status=status, process_item=None)
    ((end, history, still),) = told
    assert (end.kind, end.reason, end.ended) == (kind, reason, 7)
    assert history == {}
    assert still is not None
    assert runs.ended("p") == end
    server.prompt_queue.history.clear()
    assert runs.ended("p") is None


def test_a_listener_that_fails_does_not_stop_the_queue(server, new, caplog):
    runs = ComfyRuns(server)
    runs.watch(lambda end: 1 / 0)
    runs.enqueue(prompt())
    _, number = server.prompt_queue.get()
    server.prompt_queue.task_done(number, {}, Status("success", completed=True, messages=[]))
    assert runs.ended("p").kind == SUCCESS
    assert "did not hear how a run ended" in caplog.text


def test_node_classes_tell_their_inputs(server, new):
    assert ComfyRuns(server).node_inputs("Node") == {"required": {}}
    assert ComfyRuns(server).node_inputs("Other") == {}


def test_a_queue_that_is_cleared_during_a_run_is_told_with_its_end(server, new):
    runs = ComfyRuns(server)
    told = []
    runs.watch(told.append)
    for name in ("p", "q"):
        runs.enqueue(prompt(name))
        _, number = server.prompt_queue.get()
        if name == "p":
            runs.enqueue(prompt("waits"))
            server.prompt_queue.wipe_queue()
        server.prompt_queue.task_done(number, {}, Status("success", completed=True, messages=[]))
    assert [(end.prompt_id, end.stop) for end in told] == [("p", "The queue was cleared."), ("q", "")]
    assert server.prompt_queue.queue == []


def test_a_cancelled_run_says_at_which_node(server, new):
    messages = [("execution_interrupted", {"timestamp": 5, "node_id": "3", "node_type": "KSampler"})]
    status = Status("error", completed=False, messages=messages)
    end = run_end("p", status._asdict())
    assert (end.kind, end.reason) == (CANCELLED, "The run was cancelled at KSampler.")

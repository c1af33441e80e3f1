"""Runs of prompts: order, concurrency, lists, blockers, faults, interrupts, and what browsers are told."""

from __future__ import annotations

import asyncio

import pytest

from datasete.host.api import Run
from datasete.workbench.node_calls import ExecutionBlocker


async def test_values_travel_along_links(stage):
    result = await stage.run({"1": ("Value", {"value": 7}), "2": ("Note", {"value": ["1", 0]})}, "2")

    assert stage.log == ["value 7", 7]
    assert result.status == "success"
    assert result.outputs == {"2": {"seen": ["7"]}}


async def test_a_node_runs_behind_all_of_its_sources_and_once(stage):
    diamond = {
        "4": ("Note", {"value": ["2", 0], "more": ["3", 0]}),
        "2": ("Value", {"value": ["1", 0]}),
        "3": ("Unsure", {"value": ["1", 0]}),
        "1": ("Value", {"value": 1}),
    }
    await stage.run(diamond, "4")

    assert stage.log[0] == "value 1"
    assert sorted(stage.log[1:3]) == ["unsure", "value 1"]
    assert stage.log[3:] == [(1, 1)]


async def test_two_nodes_that_do_the_same_share_one_result(stage):
    prompt = {
        "1": ("Value", {"value": 1}),
        "2": ("Value", {"value": 1}),
        "3": ("Note", {"value": ["1", 0], "more": ["2", 0]}),
    }
    await stage.run(prompt, "3")

    assert stage.log == ["value 1", (1, 1)]


async def test_only_what_the_outputs_need_runs(stage):
    prompt = {
        "1": ("Value", {"value": 1}),
        "2": ("Note", {"value": ["1", 0]}),
        "3": ("Value", {"value": 3}),
        "4": ("Note", {"value": ["3", 0]}),
    }
    await stage.run(prompt, "4")

    assert stage.log == ["value 3", 3]


async def test_ids_may_hold_a_path(stage):
    result = await stage.run({"4:2": ("Value", {"value": 1}), "4:3:1": ("Note", {"value": ["4:2", 0]})}, "4:3:1")

    assert list(result.outputs) == ["4:3:1"]


async def test_another_branch_goes_on_while_a_node_awaits(stage):
    prompt = {"1": ("Wait", {"name": "a"}), "2": ("Note", {"value": ["1", 0]}), "3": ("Opens", {"name": "a"})}
    await stage.run(prompt, "2", "3")

    assert stage.log == ["waits a", "left a", "a"]


async def test_two_waiting_nodes_are_open_at_once_and_end_in_any_order(stage):
    prompt = {
        "1": ("Wait", {"name": "a"}),
        "2": ("Wait", {"name": "b"}),
        "3": ("Note", {"value": ["2", 0]}),
        "4": ("Note", {"value": ["1", 0]}),
    }
    running = asyncio.create_task(stage.run(prompt, "3", "4"))
    while len(stage.log) < 2:
        await asyncio.sleep(0.005)
    stage.gate("b").set()
    while "b" not in stage.log:
        await asyncio.sleep(0.005)
    assert "a" not in stage.log
    stage.gate("a").set()
    await running

    assert sorted(stage.log[:2]) == ["waits a", "waits b"]
    assert stage.log[2:] == ["left b", "b", "left a", "a"]


async def test_synchronous_nodes_run_one_at_a_time(stage, make_node):
    busy = []

    def work(self, value=None):
        busy.append(value)
        assert len(busy) == 1
        busy.clear()
        return (value,)

    stage.classes["Work"] = make_node(work, inputs=["value"], OUTPUT_NODE=True)
    result = await stage.run({str(i): ("Work", {"value": i}) for i in range(8)}, *map(str, range(8)))

    assert result.status == "success"


# --- cache -----------------------------------------------------------------------------------------------------------


async def test_what_has_not_changed_does_not_run_again(stage):
    prompt = {"1": ("Value", {"value": 7}), "2": ("Note", {"value": ["1", 0]})}
    await stage.run(prompt, "2")
    stage.log.clear()
    stage.sent.clear()
    result = await stage.run(prompt, "2")

    assert stage.log == []
    assert stage.events("execution_cached")[0]["nodes"] == ["1", "2"]
    assert result.outputs == {"2": {"seen": ["7"]}}, "the browser is shown the result again"
    assert [data["output"] for data in stage.events("executed")] == [{"seen": ["7"]}]


async def test_a_changed_input_runs_what_is_downstream_and_nothing_else(stage):
    def prompt(value):
        return {
            "1": ("Value", {"value": "same"}),
            "2": ("Value", {"value": value}),
            "3": ("Note", {"value": ["1", 0], "more": ["2", 0]}),
        }

    await stage.run(prompt("old"), "3")
    stage.log.clear()
    await stage.run(prompt("new"), "3")

    assert stage.log == ["value new", ("same", "new")]


async def test_nan_from_is_changed_runs_the_node_and_all_behind_it_every_time(stage):
    prompt = {
        "1": ("Value", {"value": 1}),
        "2": ("Unsure", {"value": ["1", 0]}),
        "3": ("Value", {"value": ["2", 0]}),
        "4": ("Note", {"value": ["3", 0]}),
    }
    await stage.run(prompt, "4")
    stage.log.clear()
    await stage.run(prompt, "4")

    assert stage.log == ["unsure", "value 1", 1]


@pytest.mark.parametrize(("answers", "runs"), [(["a", "a"], 1), (["a", "b"], 2), ([("a", 1), ("a", 1)], 1)])
async def test_is_changed_decides_whether_a_node_runs_again(stage, make_node, answers, runs):
    given = iter(answers)
    stage.classes["File"] = make_node(
        lambda self: (stage.log.append("ran"), ("x",))[1],
        IS_CHANGED=classmethod(lambda cls: next(given)),
        OUTPUT_NODE=True,
    )
    await stage.run({"1": ("File",)}, "1")
    await stage.run({"1": ("File",)}, "1")

    assert stage.log == ["ran"] * runs


async def test_a_node_whose_is_changed_fails_runs_every_time(stage, make_node):
    def broken(cls):
        raise OSError("gone")

    stage.classes["File"] = make_node(
        lambda self: (stage.log.append("ran"), ("x",))[1], IS_CHANGED=classmethod(broken), OUTPUT_NODE=True
    )
    await stage.run({"1": ("File",)}, "1")
    await stage.run({"1": ("File",)}, "1")

    assert stage.log == ["ran", "ran"]


async def test_is_changed_sees_constants_and_none_for_what_is_wired(stage, make_node):
    asked = []
    stage.classes["File"] = make_node(
        lambda self, value=None, name=None: (value,),
        inputs=["value", "name"],
        IS_CHANGED=classmethod(lambda cls, **inputs: asked.append(inputs) or 0),
        OUTPUT_NODE=True,
    )
    await stage.run({"1": ("Value", {"value": 3}), "2": ("File", {"value": ["1", 0], "name": "n"})}, "2")

    assert asked == [{"value": None, "name": "n"}]


async def test_nodes_that_know_their_own_id_do_not_share_a_result(stage, make_node):
    stage.classes["Own"] = make_node(
        lambda self, own=None: (stage.log.append(own), (own,))[1], hidden={"own": "UNIQUE_ID"}, OUTPUT_NODE=True
    )
    await stage.run({"1": ("Own",), "2": ("Own",)}, "1", "2")

    assert sorted(stage.log) == ["1", "2"]


async def test_a_failed_node_is_not_cached_and_its_sources_are(stage):
    prompt = {"1": ("Value", {"value": 1}), "2": ("Fail", {"value": ["1", 0]})}
    await stage.run(prompt, "2")
    stage.log.clear()
    result = await stage.run(prompt, "2")

    assert stage.log == []
    assert result.status == "error"


# --- lists -----------------------------------------------------------------------------------------------------------


async def test_a_list_output_calls_what_is_downstream_once_for_each_item(stage):
    prompt = {"1": ("List", {"values": {"__value__": [1, 2, 3]}}), "2": ("Note", {"value": ["1", 0]})}
    result = await stage.run(prompt, "2")

    assert stage.log == [1, 2, 3]
    assert result.outputs == {"2": {"seen": ["1", "2", "3"]}}


async def test_a_shorter_list_repeats_its_last_item(stage):
    prompt = {
        "1": ("List", {"values": {"__value__": [1, 2, 3]}}),
        "2": ("List", {"values": {"__value__": ["a", "b"]}}),
        "3": ("Note", {"value": ["1", 0], "more": ["2", 0]}),
    }
    await stage.run(prompt, "3")

    assert stage.log == [(1, "a"), (2, "b"), (3, "b")]


async def test_a_node_that_wants_lists_is_called_once_with_all_of_them(stage):
    prompt = {
        "1": ("List", {"values": {"__value__": [1, 2, 3]}}),
        "2": ("Whole", {"value": ["1", 0], "more": "x"}),
        "3": ("Note", {"value": ["2", 0]}),
    }
    await stage.run(prompt, "3")

    assert stage.log == [([1, 2, 3], ["x"])]


async def test_an_empty_list_is_an_error_that_names_the_input(stage):
    prompt = {"1": ("List", {"values": {"__value__": []}}), "2": ("Note", {"value": ["1", 0], "more": 1})}
    await stage.run(prompt, "2")

    assert "value is empty" in stage.events("execution_error")[0]["exception_message"]


async def test_an_awaiting_node_is_open_for_every_item_of_a_list_at_once(stage):
    prompt = {
        "1": ("List", {"values": {"__value__": ["a", "b", "c"]}}),
        "2": ("Wait", {"name": ["1", 0]}),
        "3": ("Note", {"value": ["2", 0]}),
    }
    running = asyncio.create_task(stage.run(prompt, "3"))
    while len(stage.log) < 3:
        await asyncio.sleep(0.005)
    assert stage.log == ["waits a", "waits b", "waits c"]
    for name in "cab":
        stage.gate(name).set()
    await running

    assert stage.log[-3:] == ["a", "b", "c"], "results keep the order of the list"


@pytest.mark.parametrize("kind", ["Where", "WhereAsync"])
async def test_a_node_can_see_where_in_which_run_it_is_called(stage, kind):
    prompt = {
        "1": ("List", {"values": {"__value__": ["a", "b"]}}),
        "5:2": (kind, {"value": ["1", 0]}),
        "3": ("Note", {"value": ["5:2", 0]}),
    }
    await stage.run(prompt, "3")

    assert stage.log == [Run("run-1", "5:2", 0, "tab"), Run("run-1", "5:2", 1, "tab")]


# --- blockers --------------------------------------------------------------------------------------------------------


async def test_nothing_runs_behind_a_blocked_output_and_everything_behind_an_open_one(stage):
    prompt = {
        "1": ("Block",),
        "2": ("Value", {"value": ["1", 0]}),
        "3": ("Note", {"value": ["2", 0]}),
        "4": ("Note", {"value": ["1", 1]}),
    }
    result = await stage.run(prompt, "3", "4")

    assert stage.log == ["open"]
    assert result.status == "success"
    assert list(result.outputs) == ["4"]
    assert stage.events("execution_error") == []


async def test_one_blocker_blocks_all_outputs(stage):
    await stage.run({"1": ("BlockAll",), "2": ("Note", {"value": ["1", 1]})}, "2")

    assert stage.log == []


async def test_a_blocked_item_of_a_list_blocks_that_item_alone(stage):
    prompt = {
        "1": ("List", {"values": {"__value__": [1, 2, 3]}}),
        "2": ("BlockTwo", {"value": ["1", 0]}),
        "3": ("Note", {"value": ["2", 0]}),
    }
    await stage.run(prompt, "3")

    assert stage.log == [1, 3]


async def test_a_blocker_with_a_message_tells_it_and_the_run_goes_on(stage):
    prompt = {
        "1": ("Block", {"why": "too dark"}),
        "2": ("Note", {"value": ["1", 0]}),
        "3": ("Note", {"value": ["1", 1]}),
    }
    result = await stage.run(prompt, "2", "3")

    assert "too dark" in stage.events("execution_error")[0]["exception_message"]
    assert stage.log == ["open"]
    assert result.status == "success"


def test_a_blocker_without_a_message_is_silent():
    assert ExecutionBlocker().message is None


# --- faults and interrupts -------------------------------------------------------------------------------------------


async def test_a_failing_node_ends_the_run_and_says_what_and_where(stage):
    prompt = {"1": ("Value", {"value": 9}), "2": ("Fail", {"value": ["1", 0]}), "3": ("Note", {"value": ["2", 0]})}
    result = await stage.run(prompt, "2", "3")

    (error,) = stage.events("execution_error")
    assert error["node_id"] == "2"
    assert error["node_type"] == "Fail"
    assert error["exception_message"].startswith("no 9")
    assert error["exception_type"] == "LookupError"
    assert error["current_inputs"] == {"value": [9]}
    assert any("raise LookupError" in line for line in error["traceback"])
    assert result.status == "error"
    assert stage.log == ["value 9"]


async def test_a_failure_ends_what_still_waits_and_lets_it_clean_up(stage):
    prompt = {"1": ("Wait", {"name": "a"}), "2": ("Note", {"value": ["1", 0]}), "3": ("Fail",)}
    await stage.run(prompt, "2", "3")

    assert stage.log == ["waits a", "left a"]


async def test_an_interrupt_ends_the_run_before_the_next_node(stage):
    prompt = {"1": ("Stop", {"value": 1}), "2": ("Note", {"value": ["1", 0]})}
    result = await stage.run(prompt, "2")

    assert stage.log == []
    assert [data["node_id"] for data in stage.events("execution_interrupted")] == ["2"]
    assert stage.events("execution_error") == []
    assert result.status == "error"


async def test_an_interrupt_ends_a_waiting_node_that_looks_for_it(stage):
    running = asyncio.create_task(stage.run({"1": ("Wait", {"name": "a"}), "2": ("Note", {"value": ["1", 0]})}, "2"))
    while not stage.log:
        await asyncio.sleep(0.005)
    stage.job.stop.set()
    await running

    assert stage.log == ["waits a", "left a"]
    assert len(stage.events("execution_interrupted")) == 1


async def test_a_node_that_expands_is_refused_with_a_sentence(stage):
    await stage.run({"1": ("Expand",), "2": ("Note", {"value": ["1", 0]})}, "2")

    assert "expand into other nodes" in stage.events("execution_error")[0]["exception_message"]


# --- hidden inputs and messages --------------------------------------------------------------------------------------


async def test_hidden_inputs_carry_the_id_the_prompt_and_the_workflow(stage, make_node):
    stage.classes["Hidden"] = make_node(
        lambda self, **inputs: (stage.log.append(inputs), ("x",))[1],
        hidden={"id": "UNIQUE_ID", "prompt": "PROMPT", "info": "EXTRA_PNGINFO", "token": "AUTH_TOKEN_COMFY_ORG"},
        OUTPUT_NODE=True,
    )
    await stage.run({"7": ("Hidden",)}, "7", extra_data={"extra_pnginfo": {"workflow": {"id": "w"}}})

    (inputs,) = stage.log
    assert inputs["id"] == "7"
    assert inputs["prompt"]["7"]["class_type"] == "Hidden"
    assert inputs["info"] == {"workflow": {"id": "w"}}
    assert inputs["token"] is None


async def test_messages_come_in_the_order_that_the_frontend_expects(stage):
    await stage.run({"1": ("Value", {"value": 7}), "2": ("Note", {"value": ["1", 0]})}, "2")

    assert [event for event, _ in stage.sent] == [
        "execution_start",
        "execution_cached",
        "progress_state",
        "executing",
        "progress_state",
        "progress_state",
        "executing",
        "executed",
        "progress_state",
        "execution_success",
    ]
    assert all(data["prompt_id"] == "run-1" for _, data in stage.sent)
    assert [data["node"] for data in stage.events("executing")] == ["1", "2"]
    assert {key: node["state"] for key, node in stage.events("progress_state")[-1]["nodes"].items()} == {
        "1": "finished",
        "2": "finished",
    }


async def test_a_run_that_no_tab_queued_tells_nobody_and_is_in_the_history(stage):
    result = await stage.run({"1": ("Note", {"value": 1})}, "1", client_id=None)

    assert stage.sent == []
    assert [event for event, _ in result.messages] == ["execution_start", "execution_cached", "execution_success"]

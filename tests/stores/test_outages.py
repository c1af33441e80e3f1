"""The store goes away: nothing is lost, and nobody waits for ever."""

import contextlib
import json

import pytest
from host_process import RunFailed, gate_node, machine, shown, through
from wire import TO_CLIENT, TO_SERVER, Fault

GONE = [Fault("cut", TO_SERVER), Fault("reset", TO_CLIENT), Fault("swallow", TO_CLIENT)]


@pytest.fixture
async def host(server, wire, tmp_path):
    async with machine(tmp_path / "host", bus=through(wire, server), pools=through(wire, server)) as made:
        yield made


def in_trouble(gate):
    return gate["trouble"] is not None


@pytest.mark.parametrize("fault", GONE, ids=str)
async def test_a_publish_is_offered_again_and_done_when_the_store_is_back(host, wire, fault):
    await host.publish("cp1")
    run = await host.queue(n1=("LoadImage", {"image": "two.png"}), n2=gate_node("n1", send_id="cp1"), n3=shown("n2"))
    gate = await host.gate()
    wire.break_with(fault)
    await host.answer(gate, "1")
    gate = await host.gate(in_trouble)
    assert gate["trouble"]["message"]
    assert "kept here" in gate["trouble"]["hint"]
    await host.answer(gate, "__retry__")
    gate = await host.gate(lambda again: in_trouble(again) and again["token"] != gate["token"])
    wire.heal()
    await host.answer(gate, "__retry__")
    assert (await host.done(run))["status"]["status_str"] == "success"
    shows = [json.loads(text) for text in host.heard if "datasete-gate-show" in text]
    assert [bool(event["data"]["trouble"]) for event in shows] == [False, False, True, True]
    versions = (await host.get("/datasete_gate/bus/history?id=cp1"))["versions"]
    assert len(versions) >= 1


async def test_a_person_may_stop_instead(host, wire):
    run = await host.queue(n1=("LoadImage", {"image": "one.png"}), n2=gate_node("n1", send_id="cp1"), n3=shown("n2"))
    gate = await host.gate()
    wire.break_with(GONE[0])
    await host.answer(gate, "1")
    await host.answer(await host.gate(in_trouble), "__cancel__")
    status = (await host.done(run))["status"]
    assert "execution_interrupted" in json.dumps(status)
    wire.heal()
    assert (await host.get("/datasete_gate/bus/list"))["ids"] == []


async def test_a_gate_in_no_trouble_refuses_to_try_again(host):
    await host.queue(n1=("LoadImage", {"image": "one.png"}), n2=gate_node("n1"), n3=shown("n2"))
    gate = await host.gate()
    refused = await host.post("/datasete_gate/choice", 400, json={"token": gate["token"], "message": "__retry__"})
    assert "Nothing failed" in refused["error"]["message"]
    await host.answer(gate, "1")


async def test_a_load_fails_with_a_sentence_and_works_again_later(host, wire):
    await host.publish("cp1")
    wire.break_with(GONE[0])
    with pytest.raises(RunFailed, match=r"gave no complete answer.*What was stored before is unharmed"):
        await loading(host)
    wire.heal()
    run = await loading_again(host)
    assert (await host.done(run))["status"]["status_str"] == "success"


async def loading(host):
    """Queue a load and let what was loaded pass; the run."""
    run = await host.queue(n1=gate_node(get_id="cp1"), n2=shown("n1"))
    await host.answer(await host.gate(), "1")
    return run


async def loading_again(host, tries=5):
    """The same as who presses Run again does: on a busy machine the short deadline can pass once more."""
    for _ in range(tries - 1):
        with contextlib.suppress(RunFailed):
            return await loading(host)
    return await loading(host)


async def test_a_pool_edit_and_a_list_fail_with_a_sentence_and_lose_nothing(host, wire):
    await host.add()
    wire.break_with(GONE[0])
    for told in (await host.add(503), await host.failing_list()):
        assert "gave no complete answer" in told["error"]["message"]
        assert told["error"]["hint"]
    wire.heal()
    assert len((await host.get("/grid_pool/list?pool_id=p"))["slots"]) == 1
    await host.add()
    assert len((await host.get("/grid_pool/list?pool_id=p"))["slots"]) == 2

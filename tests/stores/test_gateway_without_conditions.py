"""A gateway that ignores conditions: nobody shares a bus on it unawares."""

from host_process import gate_node, machine, shown
from s3_servers import BUCKET


async def test_a_publish_is_refused_with_a_sentence_and_the_picture_is_kept(unconditional_gateway, tmp_path):
    space = unconditional_gateway.space()
    async with machine(tmp_path / "host", bus=space) as host:
        node = gate_node("n1", send_id="cp1")
        run = await host.queue(n1=("LoadImage", {"image": "one.png"}), n2=node, n3=shown("n2"))
        await host.answer(await host.gate(), "1")
        gate = await host.gate(lambda gate: gate["trouble"])
        assert "honours no conditions" in gate["trouble"]["message"]
        assert "single_writer" in gate["trouble"]["hint"]
        assert "kept here" in gate["trouble"]["hint"]
        assert (await host.get("/datasete_gate/bus/list"))["ids"] == []
        await host.answer(gate, "__cancel__")
        await host.done(run)
    prefix = space.url.partition(f"{BUCKET}/")[2]
    assert "Contents" not in unconditional_gateway.client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)


async def test_a_single_writer_publishes_there_and_has_a_history(unconditional_gateway, tmp_path):
    async with machine(tmp_path / "host", bus=unconditional_gateway.space(single_writer=True)) as host:
        for _ in range(2):
            assert (await host.publish("cp1"))["status"]["status_str"] == "success"
        assert (await host.get("/datasete_gate/bus/list"))["ids"] == ["cp1"]
        assert len((await host.get("/datasete_gate/bus/history?id=cp1"))["versions"]) == 1

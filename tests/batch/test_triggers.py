"""The triggers of a batch: who is asked for the next run, and what comes of it."""

import pytest
from batch_studio import SIX, BatchStudio, asked, key

from datasete.batch.state import Status
from datasete.config import BatchSettings, PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import ConfigError, Ticket, hookimpl


def test_an_unknown_trigger_is_an_error_that_names_the_others(tmp_path):
    hooks = build_hooks(PluginSettings())
    studio = BatchStudio(tmp_path)
    studio.fill("1.png", "2.png")
    studio.press()
    studio.run(1)
    job = studio.watching.jobs[0]
    with pytest.raises(ConfigError, match="No trigger is named"):
        hooks.queue_trigger(type(job)(**{**vars(job), "trigger": "telepathy"}))
    studio.batches.close()


def test_a_tab_that_brings_the_ticket_along_walks_the_folder_once(asking):
    asking.press()
    asking.run(1)
    while asking.batch.status is Status.RUNNING:
        asking.press(datasete_ticket=asked(asking)[-1])
        assert asking.run(1) == 1
    assert asking.done == SIX
    assert len(asked(asking)) == len(set(asked(asking))) == 5


def test_a_ticket_that_comes_twice_neither_repeats_nor_skips_nor_starts_over(asking):
    asking.press()
    asking.run(1)
    while asking.batch.status is Status.RUNNING:
        for _ in range(2):
            asking.press(datasete_ticket=asked(asking)[-1])
        asking.run(2)
    assert asking.done == SIX


def test_a_ticket_that_comes_after_a_reset_starts_nothing(asking):
    asking.press()
    asking.run(1)
    asking.batches.reset(asking.batches.all()[0].key)
    asking.press(datasete_ticket=asked(asking)[-1])
    asking.run()
    assert asking.done == SIX[:1]
    assert asking.batch.status is Status.FRESH


def test_the_tab_in_which_ask_again_was_pressed_is_asked(asking):
    asking.press()
    asking.run()
    asking.batches.resume(key(asking), "another tab")
    sent = [(data["ticket"], client) for event, data, client in asking.host.sent if event == "datasete-batch-next"]
    assert [client for _, client in sent] == ["tab", "another tab"]
    assert sent[0][0] == sent[1][0]
    asking.press(datasete_ticket=sent[0][0])
    asking.press(datasete_ticket=sent[0][0])  # both tabs answer after all
    asking.run()
    assert asking.done == SIX[: len(asking.done)]
    assert len(asking.done) >= 2


def test_continue_asks_the_tab_again_with_the_same_ticket(asking):
    asking.press()
    asking.run(1)
    asking.batches.resume(asking.batches.all()[0].key)
    assert len(asked(asking)) == 2
    assert len(set(asked(asking))) == 1
    asking.press(datasete_ticket=asked(asking)[0])
    asking.run(1)
    assert asking.done == SIX[:2]


def test_the_trigger_that_answered_stays_known(studio):
    studio.press()
    studio.run(1)
    assert studio.batch.trigger == "server"
    studio.run()
    assert studio.batch.trigger == "server"


def test_a_trigger_that_fails_stops_the_batch_with_its_sentence(tmp_path):
    studio = BatchStudio(tmp_path, BatchSettings(trigger="http"))
    studio.fill(*SIX)
    studio.press()
    studio.run()
    assert studio.done == ["1.png"]
    assert "batch.url" in studio.batch.message
    studio.batches.close()


def test_a_broken_trigger_plugin_stops_the_batch_and_nothing_else(tmp_path):
    class Broken:
        @hookimpl
        def datasete_queue_trigger(self, job):
            raise RuntimeError("oh")

    studio = BatchStudio(tmp_path, plugins={"broken": Broken()})
    studio.fill(*SIX)
    studio.press()
    studio.run()
    assert studio.done == ["1.png"]
    assert "a plugin failed with RuntimeError" in studio.batch.message
    studio.batches.close()


def test_a_plugin_may_trigger_in_its_own_way(tmp_path):
    class Own:
        @hookimpl
        def datasete_queue_trigger(self, job):
            return Ticket("own", job.enqueue(job.prompt, {**job.extra_data, "mine": 1}))

    studio = BatchStudio(tmp_path, plugins={"own": Own()})
    studio.fill(*SIX)
    studio.press()
    studio.run()
    assert studio.done == SIX
    studio.batches.close()

"""What every queue trigger must do. Subclass `TriggerConformance`, name the trigger and the plugin, and run pytest."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, ClassVar

from datasete.hooks.manager import Hooks
from datasete.plugin import QueueJob, Ticket
from datasete.testing.loading import LoadedPlugin


class TriggerConformance(LoadedPlugin):
    """Checks of one trigger.

    Attributes:
        trigger: the name it goes by in ``batch.trigger``.
    """

    trigger: ClassVar[str]

    def url(self) -> str:
        """What ``batch.url`` says; override it when the trigger posts somewhere."""
        return ""

    def job(
        self, queued: list[Mapping[str, Any]] | None, ticket: str = "0b4f9d84-6a52-4f6c-8f5e-2f1d0f6f0f6f"
    ) -> QueueJob:
        """A job whose prompt ends up in `queued`; None stands for a host with no server."""

        def enqueue(prompt: Mapping[str, Any], extra_data: Mapping[str, Any]) -> str:
            del extra_data
            if queued is not None:
                queued.append(prompt)
            return ticket

        return QueueJob(
            ticket=ticket,
            batches=("0123456789abcdef01234567",),
            trigger=self.trigger,
            url=self.url(),
            prompt={"1": {"class_type": "KSampler", "inputs": {"seed": 7}}},
            extra_data={"datasete_ticket": ticket, "client_id": "tab"},
            client_id="tab",
            steps=1,
            node_inputs=lambda _: {},
            send=lambda *_: None,
            enqueue=None if queued is None else enqueue,
        )

    def test_it_is_loaded(self, hooks: Hooks) -> None:
        """Without a fault, and with the hook filled."""
        loaded = self.loaded(hooks, "datasete_queue")
        assert loaded.fault == ""
        assert "datasete_queue_trigger" in loaded.hooks

    def test_it_answers_with_a_ticket_that_says_who_it_is(self, hooks: Hooks) -> None:
        """People read the name."""
        answer = hooks.queue_trigger(self.job([]))
        assert isinstance(answer, Ticket)
        assert answer.trigger

    def test_it_queues_at_most_one_run(self, hooks: Hooks) -> None:
        """One job is one run."""
        queued: list[Mapping[str, Any]] = []
        hooks.queue_trigger(self.job(queued))
        assert len(queued) <= 1

    def test_a_run_of_this_host_is_named_by_its_ticket(self, hooks: Hooks) -> None:
        """That is how the batch knows it again."""
        job = self.job([])
        answer = hooks.queue_trigger(job)
        assert answer is not None
        assert answer.run in ("", job.ticket)

    def test_it_leaves_the_prompt_and_the_extra_data_as_they_are(self, hooks: Hooks) -> None:
        """Others read them after it."""
        job = self.job([])
        before = copy.deepcopy((job.prompt, job.extra_data))
        hooks.queue_trigger(job)
        assert (job.prompt, job.extra_data) == before

    def test_it_declines_where_there_is_no_server(self, hooks: Hooks) -> None:
        """Nodes work in scripts as well."""
        assert hooks.queue_trigger(self.job(None)) is None

    def test_it_leaves_the_triggers_of_others_to_them(self, hooks: Hooks) -> None:
        """Unless it is meant to take every job."""
        assert self.trigger
        job = self.job([])
        answers = [hooks.queue_trigger(type(job)(**{**vars(job), "trigger": name})) for name in ("server", "manual")]
        assert [answer.trigger for answer in answers if answer] == ["server", "manual"]

"""The suite for queue triggers: subclass it, name the plugin and the trigger, and run pytest."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

from datasete.hooks.manager import Hooks
from datasete.plugin import QueueJob, Ticket
from datasete.testing.loading import LoadedPlugin


class TriggerConformance(LoadedPlugin):
    """The checks.

    Attributes:
        trigger: its name in ``batch.trigger``.
        elsewhere: whether another program queues the run on purpose. It must bring it back to this server.
    """

    trigger: ClassVar[str]
    elsewhere: ClassVar[bool] = False

    def url(self) -> str:
        """The setting ``batch.url``; override it if the trigger posts somewhere."""
        return ""

    def job(
        self, queued: list[Mapping[str, Any]] | None, ticket: str = "0b4f9d84-6a52-4f6c-8f5e-2f1d0f6f0f6f"
    ) -> QueueJob:
        """A job that puts its prompt into `queued`; None stands for a host without a server."""

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
        """It has no fault, and implements the hook."""
        loaded = self.loaded(hooks, "datasete_queue")
        assert loaded.fault == ""
        assert "datasete_queue_trigger" in loaded.hooks

    def test_it_answers_with_a_ticket_that_says_who_it_is(self, hooks: Hooks) -> None:
        """The name is shown to people."""
        answer = hooks.queue_trigger(self.job([]))
        assert isinstance(answer, Ticket)
        assert answer.trigger

    def test_it_queues_at_most_one_run(self, hooks: Hooks) -> None:
        """One job is one run."""
        queued: list[Mapping[str, Any]] = []
        hooks.queue_trigger(self.job(queued))
        assert len(queued) <= 1

    def test_a_run_of_this_host_is_named_by_its_ticket(self, hooks: Hooks) -> None:
        """That is how the batch recognizes it."""
        job = self.job([])
        answer = hooks.queue_trigger(job)
        assert answer is not None
        assert answer.run in ("", job.ticket)

    def test_its_run_comes_to_this_host(self, hooks: Hooks) -> None:
        """A batch waits for the run on the server that asked for it: on another one, it would wait without end."""
        queued: list[Mapping[str, Any]] = []
        answer = hooks.queue_trigger(self.job(queued))
        is_known = queued or (answer and (answer.run or not answer.carried))
        if answer and not is_known and not self.elsewhere:
            warnings.warn(
                f"The trigger {self.trigger} queued nothing on this host. If it sends runs to several servers, a batch "
                "waits for a run that never comes. If each run comes back to this one, set elsewhere = True.",
                stacklevel=1,
            )

    def test_it_leaves_the_prompt_and_the_extra_data_as_they_are(self, hooks: Hooks) -> None:
        """Other plugins and the batch read them, too."""
        job = self.job([])
        before = copy.deepcopy((job.prompt, job.extra_data))
        hooks.queue_trigger(job)
        assert (job.prompt, job.extra_data) == before

    def test_it_declines_where_there_is_no_server(self, hooks: Hooks) -> None:
        """Nodes also work in scripts."""
        assert hooks.queue_trigger(self.job(None)) is None

    def test_it_leaves_the_triggers_of_others_to_them(self, hooks: Hooks) -> None:
        """A trigger that takes every job would keep the others from working."""
        assert self.trigger
        job = self.job([])
        answers = [hooks.queue_trigger(type(job)(**{**vars(job), "trigger": name})) for name in ("server", "manual")]
        assert [answer.trigger for answer in answers if answer] == ["server", "manual"]

"""The suite for triggers, on the bundled ones and on one of a stranger."""

import pytest

from datasete.plugin import Ticket, hookimpl
from datasete.testing.triggers import TriggerConformance


class TestServer(TriggerConformance):
    trigger = "server"


class TestAuto(TriggerConformance):
    trigger = "auto"


class TestBrowser(TriggerConformance):
    trigger = "browser"


class TestImpact(TriggerConformance):
    trigger = "impact"


class TestManual(TriggerConformance):
    trigger = "manual"


class Own:
    """A trigger as a stranger writes it."""

    @hookimpl
    def datasete_queue_trigger(self, job):
        if job.trigger != "own" or job.enqueue is None:
            return None
        return Ticket("own", job.enqueue(job.prompt, job.extra_data))


class TestOwn(TriggerConformance):
    trigger = "own"
    plugin = Own()


class RoundRobin:
    """A trigger that sends each run to the next of several servers."""

    @hookimpl
    def datasete_queue_trigger(self, job):
        return Ticket("robin") if job.trigger == "robin" and job.enqueue else None


class TestRoundRobin(TriggerConformance):
    trigger = "robin"
    plugin = RoundRobin()

    def test_its_run_comes_to_this_host(self, hooks):
        with pytest.warns(UserWarning, match="queued nothing on this host"):
            super().test_its_run_comes_to_this_host(hooks)


class TestElsewhereOnPurpose(TriggerConformance):
    trigger = "robin"
    plugin = RoundRobin()
    elsewhere = True


class Greedy:
    @hookimpl
    def datasete_queue_trigger(self, job):
        return Ticket("greedy", "another id")


class TestTheSuiteItself(TriggerConformance):
    trigger = "greedy"
    plugin = Greedy()

    def test_a_run_of_this_host_is_named_by_its_ticket(self, hooks):
        with pytest.raises(AssertionError):
            super().test_a_run_of_this_host_is_named_by_its_ticket(hooks)

    def test_it_leaves_the_triggers_of_others_to_them(self, hooks):
        with pytest.raises(AssertionError):
            super().test_it_leaves_the_triggers_of_others_to_them(hooks)

    def test_it_declines_where_there_is_no_server(self, hooks):
        with pytest.raises(AssertionError):
            super().test_it_declines_where_there_is_no_server(hooks)

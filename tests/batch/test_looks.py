"""What people are shown of a batch."""

import pytest

from datasete.batch.ledger import Ledger
from datasete.batch.state import ActiveRun, Batch, ItemState, PendingTrigger, Progress, Status, Stretch
from datasete.batch.views import at_gate, describe

NAMES = [f"{n}.png" for n in range(100)]


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "batches.sqlite")
    yield ledger
    ledger.close()


def entry(ledger, ends=(), *, began=0, since=None, **batch):
    """A running batch of 100 files: the first ones ended at `ends`, in milliseconds, `since` of them lately."""
    progress = {"total": 100, "position": len(ends), "done": len(ends)}
    progress |= {name: batch.pop(name) for name in ("total", "position", "done", "skipped") if name in batch}
    stretch = Stretch(began=began, done=len(ends) if since is None else since)
    with ledger.writing():
        added = ledger.add("k", "", "/photos", "*.png", 1)
        ledger.replace_names(added, NAMES)
        for index, ended in enumerate(ends):
            ledger.record(added, index, ItemState.DONE, f"run {index}", ended)
        state = {"status": Status.RUNNING, "progress": Progress(**progress), "stretch": stretch}
        ledger.save(added, Batch(**state | batch), 2)
    return ledger.find("k")


def test_the_file_at_work_is_named(ledger):
    told = describe(ledger, entry(ledger, position=3, done=2, skipped=1, active=ActiveRun("r", 3, 4)))
    assert (told["file"], told["index"], told["running"]) == ("3.png", 3, True)
    assert (told["done"], told["skipped"], told["left"]) == (2, 1, 97)


def test_at_the_end_the_last_file_is_named(ledger):
    told = describe(ledger, entry(ledger, status=Status.FINISHED, position=100))
    assert (told["file"], told["index"], told["left"], told["eta"]) == ("99.png", 99, 0, None)


def test_a_batch_that_was_reset_names_none(ledger):
    told = describe(ledger, entry(ledger, status=Status.FRESH, total=0))
    assert (told["file"], told["total"], told["eta"]) == ("", 0, None)


def test_a_list_that_is_damaged_does_not_hide_the_batch(ledger):
    damaged = entry(ledger)
    ledger._run("DELETE FROM pages WHERE batch = ?", (damaged.id,))
    assert describe(ledger, damaged)["file"] == ""


def test_the_eta_is_what_is_left_at_the_pace_of_the_ledger(ledger):
    assert describe(ledger, entry(ledger, ends=range(2000, 22000, 2000)))["eta"] == 180.0


def test_the_first_file_tells_the_pace_since_the_walk_began(ledger):
    assert describe(ledger, entry(ledger, ends=[6000], began=1000))["eta"] == 495.0


def test_the_first_file_after_a_night_tells_the_pace_since_the_walk_went_on(ledger):
    night = 8 * 3600 * 1000
    ends = [5000, 10_000, 15_000, night + 8000]
    assert describe(ledger, entry(ledger, ends=ends, began=night + 1000, since=1))["eta"] == 7 * 96.0


def test_with_one_file_left_the_eta_is_that_of_one_file(ledger):
    assert describe(ledger, entry(ledger, ends=range(2000, 200_000, 2000)))["eta"] == 2.0


@pytest.mark.parametrize("status", [Status.PAUSED, Status.STOPPED, Status.FINISHED, Status.FRESH])
def test_a_batch_that_does_not_walk_has_no_eta(ledger, status):
    assert describe(ledger, entry(ledger, ends=[1000, 2000], status=status))["eta"] is None


def test_before_anything_is_done_there_is_no_eta(ledger):
    assert describe(ledger, entry(ledger))["eta"] is None


def test_who_was_asked_to_queue_the_next_run_is_told(ledger):
    pending = PendingTrigger("t", 5, carried=False, trigger="browser")
    told = describe(ledger, entry(ledger, pending=pending, trigger="browser"))
    assert (told["waits_for"], told["trigger"]) == ("browser", "browser")


def test_a_run_that_is_queued_waits_for_nobody(ledger):
    told = describe(ledger, entry(ledger, pending=PendingTrigger("t", 5, trigger="server", run="t"), trigger="server"))
    assert (told["waits_for"], told["trigger"]) == ("", "server")


def test_a_gate_is_told_which_file_its_run_works_on(ledger):
    at = entry(ledger, position=3, active=ActiveRun("r", 3, 4))
    assert at_gate(ledger, at) == {"index": 3, "total": 100, "filename": "3.png"}


@pytest.mark.parametrize("active", [None, ActiveRun("r", 100, 4)])
def test_a_run_without_a_file_tells_a_gate_nothing(ledger, active):
    assert at_gate(ledger, entry(ledger, active=active)) is None

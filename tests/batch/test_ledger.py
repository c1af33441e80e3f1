import os
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace

import pytest

from datasete.batch.ledger import NAMES_PER_PAGE, Ledger
from datasete.batch.saving.results import source_id
from datasete.batch.schema import STEPS
from datasete.batch.state import ActiveRun, Batch, ItemState, PendingTrigger, Progress, Status
from datasete.errors import ConfigError, CorruptData, StoreDenied, StoreError, StoreFull, StoreUnavailable


@pytest.fixture
def path(tmp_path):
    return tmp_path / "user" / "batches.sqlite"


@pytest.fixture
def ledger(path):
    ledger = Ledger(path)
    yield ledger
    ledger.close()


def sql(path, statement, *values):
    """What another program does with the file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement, values).fetchone()


def added(ledger, names=(), key="k"):
    with ledger.writing():
        entry = ledger.add(key, "", "/photos", "*.png", 1)
        ledger.replace_names(entry, names)
        ledger.save(entry, Batch(progress=Progress(total=len(names))), 2)
    return ledger.find(key)


def test_a_state_comes_back_as_it_was(ledger):
    batch = Batch(
        Status.RUNNING,
        progress=Progress(total=9, position=3, done=2, skipped=1),
        active=ActiveRun("r", 3, 8, skip=True),
        pending=PendingTrigger("t", 5, carried=False),
        halted=7,
    )
    ledger.save(added(ledger), batch, 3)
    assert ledger.find("k").batch == batch


def test_a_state_written_by_a_later_version_is_read(ledger):
    entry = added(ledger)
    sql(ledger.path, "UPDATE batches SET state = ? WHERE id = ?", '{"status":"walking","flying_carpet":1}', entry.id)
    assert ledger.find("k").batch == Batch(Status.RUNNING)


@pytest.mark.parametrize("text", ["", "[]", '{"status":"dancing"}', '{"flight":{"run":"x"}}', "null"])
def test_a_damaged_state_is_an_error(ledger, text):
    entry = added(ledger)
    sql(ledger.path, "UPDATE batches SET state = ? WHERE id = ?", text, entry.id)
    with pytest.raises(CorruptData, match="damaged"):
        ledger.find("k")


@pytest.mark.parametrize("count", [0, 1, NAMES_PER_PAGE - 1, NAMES_PER_PAGE, NAMES_PER_PAGE + 1, 3 * NAMES_PER_PAGE])
def test_names_come_back_in_order(ledger, count):
    names = [f"{n}.png" for n in range(count)]
    entry = added(ledger, names)
    assert list(ledger.names(entry)) == names
    assert [ledger.name(entry, n) for n in range(count)] == names


@pytest.mark.parametrize("before", [0, 1, NAMES_PER_PAGE - 1, NAMES_PER_PAGE, NAMES_PER_PAGE + 7])
@pytest.mark.parametrize("more", [1, NAMES_PER_PAGE, NAMES_PER_PAGE + 1])
def test_names_are_appended(ledger, before, more):
    names = [f"{n}.png" for n in range(before + more)]
    entry = added(ledger, names[:before])
    ledger.append_names(entry, names[before:])
    ledger.save(entry, Batch(progress=Progress(total=len(names))), 3)
    assert list(ledger.names(ledger.find("k"))) == names


def test_names_that_are_no_text_come_back(ledger):
    names = ["a\nb.png", os.fsdecode(b"caf\xe9.png"), "写真.png"]
    assert list(ledger.names(added(ledger, names))) == names


def test_a_lost_page_is_an_error(ledger):
    entry = added(ledger, ["a"])
    sql(ledger.path, "DELETE FROM pages")
    with pytest.raises(CorruptData, match="lost part"):
        ledger.name(entry, 0)


def test_what_became_of_files_is_told_in_order(ledger):
    entry = added(ledger, [f"{n}.png" for n in range(NAMES_PER_PAGE + 3)])
    ledger.record(entry, 0, ItemState.DONE, "r0", 10)
    ledger.record(entry, NAMES_PER_PAGE, ItemState.SKIPPED, "r1", 11, "broken")
    items = list(ledger.items(entry))
    assert [item.index for item in items] == list(range(NAMES_PER_PAGE + 3))
    assert (items[0].state, items[1].state, items[NAMES_PER_PAGE].state) == ("done", "todo", "skipped")
    assert ledger.skipped(entry) == [items[NAMES_PER_PAGE]]
    assert (items[NAMES_PER_PAGE].name, items[NAMES_PER_PAGE].reason, items[NAMES_PER_PAGE].run) == (
        f"{NAMES_PER_PAGE}.png",
        "broken",
        "r1",
    )


def test_a_fresh_list_forgets_what_became_of_the_last_one(ledger):
    entry = added(ledger, ["a", "b"])
    ledger.record(entry, 0, ItemState.SKIPPED, "r", 1, "why")
    ledger.replace_names(entry, ["c"])
    assert ledger.skipped(entry) == []


def test_batches_are_found_by_the_run_at_work(ledger):
    first, _ = added(ledger, key="1"), added(ledger, key="2")
    ledger.save(first, Batch(active=ActiveRun("run", 0, 1)), 3)
    assert [entry.key for entry in ledger.entries_of_run("run")] == ["1"]
    ledger.save(first, Batch(), 4)
    assert ledger.entries_of_run("run") == []


def test_a_failed_change_leaves_nothing_behind(ledger):
    entry = added(ledger, ["a"])

    def fail():
        with ledger.writing():
            ledger.replace_names(entry, ["b"])
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(ledger.names(entry)) == ["a"]


def test_a_prompt_is_kept_and_dropped(ledger):
    entry = added(ledger)
    ledger.keep_prompt(entry, 4, {"1": {"inputs": {"seed": 2**60, "text": "\ud800"}}})
    assert ledger.kept_prompt(entry) == (4, {"1": {"inputs": {"seed": 2**60, "text": "\ud800"}}})
    ledger.drop_prompt(entry)
    assert ledger.kept_prompt(entry) is None


def test_a_removed_batch_leaves_no_rows(ledger):
    entry = added(ledger, ["a"])
    ledger.record(entry, 0, ItemState.DONE, "r", 1)
    ledger.keep_prompt(entry, 0, {})
    ledger.remove(entry)
    tables = ("batches", "pages", "items", "prompts")
    assert [sql(ledger.path, f"SELECT count(*) FROM {table}") for table in tables] == [(0,)] * 4


def test_several_threads_change_one_ledger(ledger):
    entry = added(ledger)

    def count():
        for _ in range(50):
            with ledger.writing():
                batch = ledger.find("k").batch
                ledger.save(entry, Batch(serial=batch.serial + 1), 1)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.find("k").batch.serial == 200


def test_two_ledgers_on_one_file_wait_for_each_other(ledger, path):
    other = Ledger(path)
    entry = added(ledger)
    for turn in range(20):
        for each in (ledger, other):
            with each.writing():
                each.save(entry, Batch(serial=each.find("k").batch.serial + 1), turn)
    assert other.find("k").batch.serial == 40
    other.close()


def test_a_ledger_in_use_is_said_so(ledger, path):
    entry, impatient = added(ledger), Ledger(path, busy_timeout=0.001)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="in use"):
        impatient.save(entry, Batch(), 1)
    other.close()
    impatient.close()


def test_the_format_is_versioned(ledger, path):
    assert sql(path, "PRAGMA user_version") == (len(STEPS),)
    assert sql(path, "PRAGMA journal_mode") == ("wal",)


def test_a_ledger_of_the_first_version_is_brought_up_to_date(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(STEPS[0] + "PRAGMA user_version = 1")
        row = (1, "k", "", b"/photos", "*.png", '{"status":"walking","total":1}', None, 5)
        connection.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute("INSERT INTO pages VALUES (1, 0, ?)", (b"a.png",))
    with closing(Ledger(path)) as ledger:
        entry = ledger.find("k")
        assert (entry.batch.progress.total, entry.batch.progress.renamed, ledger.name(entry, 0)) == (1, 0, "a.png")
        claim(ledger, entry, "a.png", "/out/a.png")
        assert [item.results for item in ledger.items(entry)] == [("/out/a.png",)]
    assert sql(path, "PRAGMA user_version") == (len(STEPS),)


def claim(ledger, entry, name, *paths, number=0, is_renamed=False):
    source = source_id(entry.space, entry.path, name)
    passes = entry.batch.passes
    with ledger.writing():
        ledger.results.put(entry.id, passes, source, paths[0], number, paths, is_renamed=is_renamed)
    return source


def test_the_names_of_a_removed_batch_are_free(ledger):
    entry, other = added(ledger, ["a.png"]), added(ledger, ["a.png"], "other")
    claim(ledger, entry, "a.png", "/out/a.png")
    kept = claim(ledger, other, "b.png", "/out/b.png")
    paths = ["/out/A.png", "/out/b.png"]
    assert ledger.results.others("x", paths) == ["/out/a.png", "/out/b.png"]
    assert ledger.results.others(kept, paths) == ["/out/a.png"]
    ledger.remove(entry)
    assert ledger.results.others("x", paths) == ["/out/b.png"]


def test_the_names_that_were_claimed_longest_ago_are_forgotten_first(ledger):
    entry = added(ledger)
    for name in ("a", "b", "c", "a"):
        claim(ledger, entry, name, f"/out/{name}")
    ledger.results.prune(keep=2)
    assert ledger.results.others("x", ["/out/a", "/out/b", "/out/c"]) == ["/out/a", "/out/c"]


def test_the_results_of_a_pass_are_its_own(ledger):
    entry = added(ledger, ["a.png"])
    claim(ledger, entry, "a.png", "/out/a.png", "/out/a.txt")
    assert next(ledger.items(entry)).results == ("/out/a.png",)
    later = replace(entry, batch=replace(entry.batch, passes=1))
    assert next(ledger.items(later)).results == ()


def test_a_result_whose_name_is_no_text_comes_back(ledger):
    path = "/out/" + os.fsdecode(b"\xff.png")
    entry = added(ledger, ["a.png"])
    claim(ledger, entry, "a.png", path)
    assert next(ledger.items(entry)).results == (path,)


def test_a_newer_ledger_is_left_alone(ledger, path):
    sql(path, "PRAGMA user_version = 99")
    with pytest.raises(ConfigError, match="newer version"):
        Ledger(path)


def test_a_damaged_ledger_is_left_as_it_is(path):
    path.parent.mkdir()
    path.write_bytes(b"This is no database." * 100)
    with pytest.raises(CorruptData, match="Move it aside"):
        Ledger(path)
    assert path.read_bytes() == b"This is no database." * 100


def test_a_user_folder_that_cannot_be_made_is_said_so(tmp_path):
    (tmp_path / "user").write_text("a file")
    with pytest.raises(StoreDenied, match="cannot be opened"):
        Ledger(tmp_path / "user" / "batches.sqlite")


def test_a_thousand_items_cost_little(ledger, path):
    names = [f"a_rather_long_file_name_{n:07d}.jpeg" for n in range(1000)]
    entry = added(ledger, names)
    with ledger.writing():
        for n in range(1000):
            ledger.record(entry, n, ItemState.DONE, "0b4f9d84-6a52-4f6c-8f5e-2f1d0f6f0f6f", 1_700_000_000_000)
    sql(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    assert path.stat().st_size / 1000 <= 300


@pytest.mark.parametrize(
    ("text", "kind", "sentence", "hint"),
    [
        ("database or disk is full", StoreFull, "There is no space left for the batch ledger", "Free some space"),
        ("database is locked", StoreUnavailable, "is in use by another program", "Try again"),
        ("attempt to write a readonly database", StoreDenied, "cannot be written", "Check the file's permissions"),
        ("unable to open database file", StoreDenied, "cannot be written", "Check the file's permissions"),
        ("database disk image is malformed", CorruptData, "is damaged", "Move it aside"),
        ("file is not a database", CorruptData, "is damaged", "Move it aside"),
        ("disk I/O error", StoreError, "failed: disk I/O error", "The batch keeps its last known place"),
    ],
)
def test_what_sqlite_says_becomes_a_sentence_that_says_what_to_do(tmp_path, text, kind, sentence, hint):
    ledger = Ledger(tmp_path / "batches.sqlite")
    with pytest.raises(StoreError) as caught, ledger.writing():
        raise sqlite3.OperationalError(text)
    assert type(caught.value) is kind
    assert str(tmp_path / "batches.sqlite") in str(caught.value)
    assert sentence in str(caught.value)
    assert hint in caught.value.hint
    assert any(word in caught.value.hint for word in ("No batch was changed", "keeps its", "left as it is"))
    assert ledger.all() == []
    ledger.close()

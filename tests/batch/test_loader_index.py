"""Which loader took which file, as gates and loaders with a wired folder ask."""

from datasete.batch.loader_index import MAX_LOADERS, LoaderIndex


def node(*sources):
    return {
        "class_type": "Any",
        "inputs": {"text": "words", **{f"in{n}": [str(at), 0] for n, at in enumerate(sources)}},
    }


def test_the_nearest_loader_before_a_node_counts():
    seen = LoaderIndex()
    seen.note("run", "1", "w", "far")
    seen.note("run", "2", "w", "near")
    graph = {"1": node(), "2": node(1), "3": node(2), "4": node(3, 1)}
    assert seen.upstream_batch("run", "3", graph) == "near"
    assert seen.upstream_batch("run", "4", graph) == "far"


def test_the_file_is_that_of_the_nearest_loader():
    seen = LoaderIndex()
    graph = {"1": node(), "2": node(), "3": node(2), "4": node(1)}
    for loader in ("1", "2"):
        seen.note("run", loader, "w", f"key{loader}")
    assert seen.upstream_file("run", "4", graph) is None, "it was given no file yet"
    for loader in ("1", "2"):
        seen.note_file("run", loader, f"{loader}.png")
    assert seen.upstream_file("run", "3", graph) == ("key2", "2.png")
    assert seen.upstream_file("run", "4", graph) == ("key1", "1.png")
    assert seen.upstream_file("run", "5", graph) is None
    assert seen.upstream_file("other", "4", graph) is None


def test_a_node_behind_no_loader_has_no_file():
    seen = LoaderIndex()
    seen.note("run", "1", "w", "key")
    assert seen.upstream_batch("run", "9", {"1": node(), "9": node()}) == ""


def test_another_runs_loader_does_not_count():
    seen = LoaderIndex()
    seen.note("run", "1", "w", "key")
    assert seen.upstream_batch("other", "2", {"1": node(), "2": node(1)}) == ""


def test_a_graph_that_goes_round_ends():
    seen = LoaderIndex()
    seen.note("run", "7", "w", "key")
    assert seen.upstream_batch("run", "1", {"1": node(2), "2": node(1)}) == ""


def test_what_a_loader_did_last_is_known_by_its_workflow():
    seen = LoaderIndex()
    seen.note("first", "4:2", "w", "one")
    seen.note("second", "4:2", "w", "two")
    assert (seen.last_batch("w", "4:2"), seen.last_batch("other", "4:2")) == ("two", "")


def test_the_oldest_are_forgotten():
    seen = LoaderIndex()
    for number in range(MAX_LOADERS + 1):
        seen.note(f"run {number}", "1", f"w {number}", "key")
    assert (seen.last_batch("w 0", "1"), seen.last_batch("w 1", "1")) == ("", "key")

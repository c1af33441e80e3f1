"""Which loader took which file, as gates and loaders with a wired folder ask."""

from datasete.batch.loader_index import RECENT, Whereabouts


def node(*sources):
    return {
        "class_type": "Any",
        "inputs": {"text": "words", **{f"in{n}": [str(at), 0] for n, at in enumerate(sources)}},
    }


def test_the_nearest_loader_before_a_node_counts():
    seen = Whereabouts()
    seen.note("run", "1", "w", "far")
    seen.note("run", "2", "w", "near")
    graph = {"1": node(), "2": node(1), "3": node(2), "4": node(3, 1)}
    assert seen.before("run", "3", graph) == "near"
    assert seen.before("run", "4", graph) == "far"


def test_a_node_behind_no_loader_has_no_file():
    seen = Whereabouts()
    seen.note("run", "1", "w", "key")
    assert seen.before("run", "9", {"1": node(), "9": node()}) == ""


def test_another_runs_loader_does_not_count():
    seen = Whereabouts()
    seen.note("run", "1", "w", "key")
    assert seen.before("other", "2", {"1": node(), "2": node(1)}) == ""


def test_a_graph_that_goes_round_ends():
    seen = Whereabouts()
    seen.note("run", "7", "w", "key")
    assert seen.before("run", "1", {"1": node(2), "2": node(1)}) == ""


def test_what_a_loader_did_last_is_known_by_its_workflow():
    seen = Whereabouts()
    seen.note("first", "4:2", "w", "one")
    seen.note("second", "4:2", "w", "two")
    assert (seen.seen_at("w", "4:2"), seen.seen_at("other", "4:2")) == ("two", "")


def test_the_oldest_are_forgotten():
    seen = Whereabouts()
    for number in range(RECENT + 1):
        seen.note(f"run {number}", "1", f"w {number}", "key")
    assert (seen.seen_at("w 0", "1"), seen.seen_at("w 1", "1")) == ("", "key")

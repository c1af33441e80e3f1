"""The protocol on paper: every interleaving of its actors, with a crash of any of them at any step.

A crash is an actor that never takes another step; each state is checked as it is, and for a newcomer on its own. Set
``CI=true`` for the larger scenarios.
"""

import pytest
from scale import rounds
from slot_scenarios import ANY_ORDER, FAULTS, LARGE, ORDERS, SMALL, exhaust
from slot_world import fresh_world

SCENARIOS = rounds(SMALL, ci=SMALL | LARGE)


def report(capsys, name, found):
    with capsys.disabled():
        print(f"\n    {name}: {found}")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SCENARIOS)
def test_no_interleaving_breaks_a_promise(name, capsys):
    found = exhaust(SCENARIOS[name])
    report(capsys, name, found)
    assert not found.violation, "\n".join([found.violation, *found.trace])


@pytest.mark.parametrize("name", ["two publishers and a reader", "and frames", "a lost answer"])
def test_it_does_not_matter_which_file_a_store_reads_first(name, capsys):
    found = exhaust(SMALL[name], order=ANY_ORDER)
    report(capsys, f"{name}, any order", found)
    assert not found.violation, "\n".join([found.violation, *found.trace])


def test_a_mask_edited_before_the_first_look_is_superseded_and_kept(capsys):
    found = exhaust(("publisher a", "publisher b", "reader"), world=fresh_world(edited_mask=True))
    report(capsys, "an edited mask to begin with", found)
    assert not found.violation, "\n".join([found.violation, *found.trace])


@pytest.mark.parametrize("fault", FAULTS)
def test_the_explorer_finds_a_seeded_fault(fault):
    found = exhaust(FAULTS[fault], faults=frozenset({fault}), order=ORDERS.get(fault, ("im",)))
    assert found.violation

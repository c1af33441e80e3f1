"""The scenarios of the model, played by the real code: stopped at every storage call, in every order or many.

A run in which an actor is killed is one in which its process died at that call. Set ``CI=true`` for more of everything.
"""

import pytest
from scale import rounds
from slot_interleaver import every_order, random_orders
from slot_replay import Play
from slot_stores import local_store, memory_store

MANY = rounds(False, ci=True)
LONG = rounds(False, ci=False, campaign=True)
SAMPLE = rounds(20, ci=400, campaign=2000)

PAIRS = {
    ("publisher", "reader"): 1,
    ("publisher", "masker"): 1,
    ("publisher", "painter"): 1,
    ("publisher", "dropper"): 1,
    ("reader", "masker"): 1,
    ("publisher", "publisher"): 1,
    ("unlucky", "reader"): 1,
    ("luckless", "masker"): 1,
    ("publisher", "deleter"): MANY,
    ("publisher", "restorer"): MANY,
    ("reader", "deleter"): 1,
    ("publisher", "remover"): MANY,
    ("reader", "remover"): 1,
    ("masker", "remover"): 1,
    ("painter", "remover"): 1,
    ("dropper", "remover"): 1,
    ("remover", "remover"): MANY,
}

CROWDS = [
    ("publisher", "reader", "reader", "masker"),
    ("publisher", "publisher", "reader", "masker"),
    ("publisher", "publisher", "reader", "painter"),
    ("publisher", "publisher", "reader", "dropper", "masker"),
    ("publisher", "publisher", "reader", "deleter"),
    ("publisher", "restorer", "reader", "masker"),
    ("publisher", "remover", "reader", "masker"),
    ("publisher", "remover", "remover", "painter"),
    ("unlucky", "luckless", "publisher", "reader"),
    ("unlucky", "publisher", "painter", "reader"),
    ("publisher", "publisher", "deleter", "masker", "painter", "restorer", "reader"),
]


class Director:
    """Makes plays on fresh stores, and checks each when its run is over."""

    def __init__(self, roles, make_store, **kind):
        self.roles, self.make_store, self.kind = roles, make_store, kind
        self.play, self.runs, self.calls = None, 0, 0

    def start(self):
        self.play = Play(self.make_store(), self.roles, **self.kind)
        return self.play.turns

    def check(self, runs):
        for _ in runs:
            self.runs += 1
            self.calls += self.play.notes.step
            try:
                self.play.check()
            except BaseException as broken:
                raise AssertionError("\n".join(["in this order:", *self.play.notes.log])) from broken

    def report(self, capsys, what):
        with capsys.disabled():
            print(f"\n    {' and '.join(self.roles)}, {what}: {self.runs:,} orders, {self.calls:,} calls")


@pytest.fixture(params=["memory", "local"])
def make_store(request, quick_folder):
    folders = iter(range(10**9))
    return memory_store if request.param == "memory" else lambda: local_store(quick_folder / str(next(folders)))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("roles", [pair for pair, wanted in PAIRS.items() if wanted], ids=" and ".join)
def test_two_actors_meet_in_every_order(roles, capsys):
    director = Director(roles, memory_store)
    director.check(every_order(director.start))
    director.report(capsys, "every order")
    assert director.runs > 1


@pytest.mark.timeout(900)
@pytest.mark.parametrize("roles", [("publisher", "reader"), ("publisher", "masker")], ids=" and ".join)
def test_a_publisher_may_die_at_any_call_in_every_order(roles, capsys):
    director = Director(roles, memory_store)
    for call in range(12):
        director.check(every_order(director.start, crash=("publisher", call)))
    director.report(capsys, "every order, killed at every call")
    assert director.runs > 12


@pytest.mark.timeout(900)
def test_a_reader_of_one_file_after_the_other_gets_nothing_mixed(capsys):
    for roles in [("publisher", "reader", "masker"), ("publisher", "reader")]:
        director = Director(roles, memory_store, apart=True)
        director.check(every_order(director.start))
        director.report(capsys, "every order, files read one by one")
        assert director.runs > 1


@pytest.mark.timeout(900)
@pytest.mark.parametrize("roles", CROWDS, ids=" and ".join)
def test_many_actors_meet_in_many_orders(roles, make_store, capsys):
    director = Director(roles, make_store)
    director.check(random_orders(director.start, SAMPLE, seed=1, crashes=True))
    director.kind = {"apart": True}
    director.check(random_orders(director.start, SAMPLE, seed=2))
    director.report(capsys, "random orders, half of them with a kill, half with files read one by one")
    assert director.runs == 2 * SAMPLE


@pytest.mark.timeout(900)
def test_an_answer_lost_while_a_pruner_is_busy_commits_nothing_without_its_mask(capsys):
    director = Director(("unlucky", "publisher"), memory_store, history=0)
    director.check(every_order(director.start) if LONG else random_orders(director.start, 2 * SAMPLE, seed=4))
    director.report(capsys, f"{'every order' if LONG else 'random orders'}, a history of 0")
    assert director.runs > 1


@pytest.mark.parametrize("history", [0, 1])
def test_a_busy_pruner_takes_nothing_that_is_needed(history, make_store, capsys):
    for roles in [("publisher", "publisher", "publisher", "reader", "masker"), ("unlucky", "publisher", "publisher")]:
        director = Director(roles, make_store, history=history)
        director.check(random_orders(director.start, SAMPLE, seed=3))
        director.report(capsys, f"a history of {history}")
        assert director.runs == SAMPLE

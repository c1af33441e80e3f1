"""Notices to plugins on a background thread."""

import logging
import threading

from datasete.hooks.observers import Observers


def test_notices_arrive_in_order():
    heard = []
    observers = Observers()
    for number in range(50):
        observers.tell("p", lambda number=number: heard.append(number))
    observers.close()
    assert heard == list(range(50))


def test_one_that_raises_is_logged_by_name_and_the_next_is_told(caplog):
    heard = []
    observers = Observers()

    def fail():
        raise RuntimeError("no")

    with caplog.at_level(logging.ERROR):
        observers.tell("stranger", fail)
        observers.tell("other", lambda: heard.append(1))
        observers.close()
    assert heard == [1]
    assert "Plugin stranger failed" in caplog.text


def test_a_slow_one_does_not_hold_up_the_teller_and_the_surplus_is_counted():
    release = threading.Event()
    started = threading.Event()
    observers = Observers(capacity=2)
    observers.tell("slow", lambda: (started.set(), release.wait()))
    assert started.wait(10)
    for _ in range(5):
        observers.tell("slow", lambda: None)
    assert observers.dropped == 3
    release.set()
    observers.close()


def test_closing_delivers_what_waits_and_it_can_be_told_again():
    heard = []
    observers = Observers()
    observers.tell("p", lambda: heard.append(1))
    observers.close()
    observers.tell("p", lambda: heard.append(2))
    observers.drain()
    assert heard == [1, 2]
    observers.close()


def test_closing_one_that_never_told_anything_is_nothing():
    Observers().close()

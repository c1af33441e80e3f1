"""Stores that every test of the bus runs on, and a bus on each of them."""

import pytest
from slot_pictures import bus_over
from slot_stores import quick_folder, store

__all__ = ["quick_folder", "store"]


@pytest.fixture
def bus(store):
    return bus_over(store)

"""Stores that every test of the protocol runs on."""

from slot_stores import store

__all__ = ["store"]

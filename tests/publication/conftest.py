"""Stores that every test of the protocol runs on."""

from slot_stores import quick_folder, store

__all__ = ["quick_folder", "store"]

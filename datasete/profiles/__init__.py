"""Profiles: pools with names, which can be carried to another machine."""

"""Datasete: a person, and a store, in an image workflow."""

__version__ = "0.1.0"

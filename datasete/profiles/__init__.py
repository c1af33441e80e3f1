"""Profiles: pools with names, which can be carried to another machine."""

from datasete.profiles.registry import Profile, Registry
from datasete.profiles.service import Profiles

__all__ = ["Profile", "Profiles", "Registry"]

"""Profiles: named pools, which can be moved to another machine."""

from datasete.profiles.registry import Profile, Registry
from datasete.profiles.service import Profiles

__all__ = ["Profile", "Profiles", "Registry"]

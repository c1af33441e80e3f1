"""Conformance suites for plugin authors: subclass one, give it a fixture, and pytest runs the rest.

Depends on pytest and on `datasete.plugin` alone.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("datasete.testing.storage")

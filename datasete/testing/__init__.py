"""Conformance suites for plugin authors: subclass one, give it a fixture, and pytest runs the rest.

Depends on pytest and on `datasete.plugin` alone.
"""

from __future__ import annotations

import pytest

# by name, because pytest refuses to rewrite what is imported already, which this package is
pytest.register_assert_rewrite(
    *(
        f"{__name__}.{module}"
        for module in (
            "_basics",
            "_conditions",
            "_copies",
            "_listing",
            "_strict",
            "_suite",
            "_threads",
            "packing",
            "policies",
        )
    )
)

"""Conformance suites for plugin authors: subclass one, add a fixture, and pytest runs the rest.

============================  ==============================================================
``storage``, ``packing``      call your store or hooks themselves; they need pytest and ``datasete.plugin`` alone
``triggers``, ``policies``,   load your plugin through Datasete's own manager, beside the bundled ones, and call the
``observers``                 hooks as a running Datasete does
``runs``                      a host with a queue in memory, for tests of batches
============================  ==============================================================

All that a subclass imports is in these modules and in ``datasete.plugin``.
"""

from __future__ import annotations

import pytest

# module by module: pytest cannot rewrite what is imported already, as this package itself is
pytest.register_assert_rewrite(
    *(
        f"{__name__}.{module}"
        for module in (
            "_basics",
            "_conditions",
            "_copies",
            "_listing",
            "_outline",
            "_refresh",
            "_strict",
            "_suite",
            "_threads",
            "observers",
            "packing",
            "policies",
            "triggers",
        )
    )
)

"""Finds other packs in a running ComfyUI whose nodes have our ids. Of two, ComfyUI uses the one loaded last."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping

from datasete.nodes import NODE_CLASS_MAPPINGS

logger = logging.getLogger(__name__)


def others() -> dict[str, str]:
    """Return our node ids that belong to another pack at the moment, with that pack's name."""
    known: Mapping[str, type] = getattr(sys.modules.get("nodes"), "NODE_CLASS_MAPPINGS", {})
    shared = ((name, known[name]) for name in NODE_CLASS_MAPPINGS if name in known)
    return {name: _pack(node) for name, node in shared if node is not NODE_CLASS_MAPPINGS[name]}


def report(before: Mapping[str, str]) -> None:
    """Log one line for each pack that shares ids with ours, once all are loaded; `before` were loaded first."""
    # A pack that was loaded before us lost its ids to ours; one that came later took them.
    after = others()
    replaced = {name: pack for name, pack in before.items() if name not in after}
    # Where one pack has the node and the other one the page, neither works whole: a gate waits that nothing can answer.
    theirs = "theirs are used, without Datasete's buttons and pictures"
    ours = "Datasete's are used, and workflows of the other pack may not find theirs"
    for shared, result in ((after, theirs), (replaced, ours)):
        for pack in sorted(set(shared.values())):
            names = ", ".join(name for name, of in shared.items() if of == pack)
            logger.warning(
                "Datasete and %s both have nodes called %s; %s. Disable one of the two packs.",
                *(pack, names, result),
            )


def _pack(node: type) -> str:
    return str(getattr(node, "RELATIVE_PYTHON_MODULE", node.__module__)).removeprefix("custom_nodes.")

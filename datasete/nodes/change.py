"""What a node answers to IS_CHANGED when nothing can tell whether it has changed."""

from __future__ import annotations

import uuid


def never_equal() -> str:
    """Return a text that equals no other, so that the node runs again.

    NaN, which equals nothing, is the usual answer. But ComfyUI writes the answer into the prompt, and from there into
    saved pictures, history and jobs, where NaN is not JSON: strict readers refuse the whole document.
    """
    return f"datasete-{uuid.uuid4().hex}"

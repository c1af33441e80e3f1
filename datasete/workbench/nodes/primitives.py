"""Nodes for plain values, and PreviewAny, which shows any."""

from __future__ import annotations

import json
import sys
from typing import Any, ClassVar, Final

_LARGEST: Final = sys.maxsize


class _Primitive:
    """A widget whose value is the output."""

    spec: ClassVar[tuple[str, dict[str, Any]]]
    CATEGORY = "utilities/primitive"
    FUNCTION = "execute"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The value."""
        return {"required": {"value": cls.spec}}

    def execute(self, value: object) -> tuple[object]:
        """The value, as it is."""
        return (value,)


class PrimitiveInt(_Primitive):
    """A whole number."""

    RETURN_TYPES = ("INT",)
    spec = ("INT", {"min": -_LARGEST, "max": _LARGEST, "control_after_generate": "fixed"})


class PrimitiveFloat(_Primitive):
    """A number."""

    RETURN_TYPES = ("FLOAT",)
    spec = ("FLOAT", {"min": -_LARGEST, "max": _LARGEST, "step": 0.1})


class PrimitiveString(_Primitive):
    """A line of text."""

    RETURN_TYPES = ("STRING",)
    SEARCH_ALIASES: ClassVar[list[str]] = ["text", "string", "text box", "prompt"]
    spec = ("STRING", {"multiline": False})


class PrimitiveBoolean(_Primitive):
    """Yes or no."""

    RETURN_TYPES = ("BOOLEAN",)
    spec = ("BOOLEAN", {})


class PreviewAny:
    """Shows any value as text."""

    CATEGORY = "utilities"
    RETURN_TYPES = ("STRING",)
    FUNCTION = "main"
    OUTPUT_NODE = True
    DESCRIPTION = "Preview any input value as text."
    SEARCH_ALIASES: ClassVar[list[str]] = ["show output", "inspect", "debug", "print value", "show text"]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The value."""
        return {"required": {"source": ("*", {})}}

    def main(self, source: object = None) -> dict[str, Any]:
        """The text: strings as they are, other values as JSON where that is possible."""
        text = source if isinstance(source, str) else _as_text(source)
        return {"ui": {"text": (text,)}, "result": (text,)}


def _as_text(value: object) -> str:
    if value is None or isinstance(value, int | float):
        return str(value)
    try:
        return json.dumps(value, indent=4, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(value)


NODES: Final = {
    "comfy_extras.nodes_primitive": {
        "PrimitiveInt": (PrimitiveInt, "Int"),
        "PrimitiveFloat": (PrimitiveFloat, "Float"),
        "PrimitiveString": (PrimitiveString, "Text"),
        "PrimitiveBoolean": (PrimitiveBoolean, "Boolean"),
    },
    "comfy_extras.nodes_preview_any": {"PreviewAny": (PreviewAny, "Preview as Text")},
}

"""What can be wrong with the values and links of a prompt, in ComfyUI's words."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any, TypeAlias

Fault: TypeAlias = dict[str, Any]
"""A finding: ``{"type", "message", "details", "extra_info"}``."""


def fault(kind: str, message: str, details: str = "", **extra: Any) -> Fault:
    """Return an error in ComfyUI's form."""
    return {"type": kind, "message": message, "details": details, "extra_info": extra}


def fits(received: Any, wanted: Any) -> bool:
    """Whether an output of type `received` may be wired to an input of type `wanted`; types are ``"A,B"`` or ``*``."""
    if not received != wanted:  # noqa: SIM202 - "any" types of other packs override __ne__ only
        return True
    if "*" in (received, wanted) or (isinstance(received, list) and wanted == "COMBO"):
        return True
    if not isinstance(received, str) or not isinstance(wanted, str):
        return False
    return bool({part.strip() for part in received.split(",")} & {part.strip() for part in wanted.split(",")})


def convert(inputs: dict[str, Any], name: str, kind: Any, options: Any) -> Fault | None:
    """Convert a widget's value to the input's type, in place."""
    value = inputs[name]
    # The frontend wraps lists like this, as a bare list would read as a link.
    if isinstance(value, dict) and "__value__" in value:
        value = inputs[name] = value["__value__"]
    converter = (
        {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}.get(kind) if isinstance(kind, str) else None
    )
    if converter is None:
        return None
    try:
        inputs[name] = converter(value)
    except (TypeError, ValueError, OverflowError) as error:
        extra = {"input_config": [kind, options], "received_value": value, "exception_message": str(error)}
        text = f"Failed to convert an input value to a {kind} value"
        return fault("invalid_input_type", text, f"{name}, {value}, {error}", input_name=name, **extra)
    return None


def out_of_range(value: Any, name: str, kind: Any, options: Mapping[str, Any]) -> Fault | None:
    """Check a widget's value against its bounds, or its choices."""
    extra = {"input_name": name, "input_config": [kind, options], "received_value": value}
    if "min" in options and value < options["min"]:
        return fault("value_smaller_than_min", f"Value {value} smaller than min of {options['min']}", name, **extra)
    if "max" in options and value > options["max"]:
        return fault("value_bigger_than_max", f"Value {value} bigger than max of {options['max']}", name, **extra)
    choices = kind if isinstance(kind, list) else options.get("options", []) if kind == "COMBO" else None
    if choices is None:
        return None
    chosen = value if options.get("multiselect") and isinstance(value, list) else [value]
    wrong = [item for item in chosen if item not in choices]
    if not wrong:
        return None
    # A folder of ten thousand pictures would otherwise be listed in the browser's dialog.
    many = len(choices) > 20
    details = f"{name}: {', '.join(map(repr, wrong))} not in {f'(list of length {len(choices)})' if many else choices}"
    return fault(
        "value_not_in_list", "Value not in list", details, **(extra | ({"input_config": None} if many else {}))
    )


def from_exception(error: Exception) -> Fault:
    """Return what a node's own check raised."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    extra = {"exception_type": kind, "traceback": traceback.format_tb(error.__traceback__)}
    return fault("exception_during_validation", "Exception when validating node", str(error), **extra)

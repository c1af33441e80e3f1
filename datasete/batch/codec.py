"""A batch's state as the JSON text that the ledger keeps."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

from datasete.batch.state import Batch, Flight, Pending, Status
from datasete.errors import CorruptData


def encode_batch(batch: Batch) -> str:
    """The state as JSON."""
    return json.dumps(asdict(batch), separators=(",", ":"))


def decode_batch(text: str) -> Batch:
    """The state from JSON; keys that this version does not know are left aside.

    Raises:
        CorruptData: it is no batch's state.
    """
    try:
        values = json.loads(text)
        flight, pending = values.pop("flight", None), values.pop("pending", None)
        return Batch(
            **_known(Batch, values) | {"status": Status(values.get("status", "fresh"))},
            flight=Flight(**_known(Flight, flight)) if flight else None,
            pending=Pending(**_known(Pending, pending)) if pending else None,
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise CorruptData("The state of a batch is damaged in the ledger.", hint="Reset the batch.") from error


def _known(kind: Any, values: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in values.items() if name in names}

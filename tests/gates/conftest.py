"""Runs that wait at gates."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from gate_house import House


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    await made.close()

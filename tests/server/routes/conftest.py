"""A server whose pools are in memory."""

import asyncio
import uuid

import pytest
from aiohttp import web

from datasete.application import build_application
from datasete.config import Settings, SpaceSettings
from datasete.host.api import BareHost
from datasete.server import bind


@pytest.fixture
def pool_limits():
    """Limits other than the defaults, to be overridden."""
    return {}


@pytest.fixture
async def pool_app(tmp_path, pool_limits):
    settings = Settings(pools=SpaceSettings(url=f"memory://{uuid.uuid4()}"), **pool_limits)
    made = build_application(BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user"), settings)
    yield made
    await asyncio.to_thread(made.close)


@pytest.fixture
async def page(aiohttp_client, pool_app):
    """A page that asks it."""
    served = web.Application()
    bind(served, pool_app)
    return await aiohttp_client(served)

"""The pack's routes, for any aiohttp application: ComfyUI's own, the embedded host's, a test's."""

from __future__ import annotations

from datasete.server.registrar import bind

__all__ = ["bind"]

"""What the embedded host adds to aiohttp's server: one line in the log for a request that is not HTTP."""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

SHUTDOWN_SECONDS = 1


def make_runner(app: web.Application) -> web.AppRunner:
    """Return what serves the application."""
    # aiohttp would wait a minute for open requests, and a tab may hold one for as long as it is open.
    return web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, logger=_logger())


def _logger() -> logging.Logger:
    logger = logging.getLogger("datasete.workbench.requests")
    if not any(isinstance(each, _Malformed) for each in logger.filters):
        logger.addFilter(_Malformed())
    return logger


class _Malformed(logging.Filter):
    """Anyone can send what is not HTTP, and each time aiohttp would log a traceback of its parser."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.msg, record.args = "A request could not be read: %s", (str(error.message).split("\n")[0][:200],)
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True

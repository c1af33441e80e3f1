"""What a person who cannot see a waiting gate finds on the page."""

from __future__ import annotations

from browser_page import ComfyPage
from playwright.sync_api import Locator, expect

AWAY = "() => { app.canvas.ds.offset = [9000, 9000]; app.canvas.setDirty(true, true); }"
APP_MODE = "() => app.extensionManager.command.execute('Comfy.ToggleLinear')"
LIST = "() => app.extensionManager.command.execute('Datasete.ListWaitingGates')"
HIDDEN = "() => !app.canvas.canvas.clientWidth"


def chip(comfy: ComfyPage) -> Locator:
    """The chip, once it says that a gate waits out of sight."""
    chip = comfy.page.get_by_test_id("datasete-waiting-chip")
    expect(chip).to_be_visible()
    comfy.until("() => !document.querySelector('.ds-waiting-chip').classList.contains('ds-waiting-quiet')")
    return chip


def no_chip(comfy: ComfyPage) -> None:
    """Waits until the chip says nothing: no gate waits, or all are in sight."""
    comfy.until("() => document.querySelector('.ds-waiting-chip:is([hidden], .ds-waiting-quiet)')")


def listed_gates(comfy: ComfyPage) -> Locator:
    """The gates that can be answered in the open list."""
    return comfy.page.locator(".ds-waiting-row:not(.ds-waiting-closed)")


def enter_app_mode(comfy: ComfyPage) -> None:
    comfy.evaluate(APP_MODE)
    comfy.until(HIDDEN)


def leave_app_mode(comfy: ComfyPage) -> None:
    comfy.evaluate(APP_MODE)
    comfy.until("() => app.canvas.canvas.clientWidth > 0")

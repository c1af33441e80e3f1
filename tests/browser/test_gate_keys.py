"""The gate's keys on other layouts: a digit is where it lies, whatever the key types there."""

from __future__ import annotations

from browser_flows import gated
from browser_page import ComfyPage

PRESS = """([key, code, more]) => document.body.dispatchEvent(
  new KeyboardEvent("keydown", { key, code, bubbles: true, composed: true, cancelable: true, ...more }))"""

DIGITS = [
    ("1", "Digit1", {}, 1),
    ("1", "Numpad1", {}, 1),
    ("1", "", {}, 1),  # a keyboard on the screen
    ("&", "Digit1", {}, 1),  # French
    ("1", "Digit1", {"shiftKey": True}, 1),
    ("à", "Digit0", {}, 0),
    ("+", "Digit1", {}, 1),  # Czech
    ("ě", "Digit2", {}, 2),
    ("é", "Digit0", {}, 0),
    ("Dead", "Digit2", {}, 2),
    ("١", "Digit1", {}, 1),  # Arabic
    ("۱", "Numpad1", {}, 1),  # Persian
    ("7", "Digit1", {"shiftKey": True}, 7),  # Dvorak for programmers
    ("!", "Digit1", {"shiftKey": True}, None),  # English
    ("End", "Numpad1", {}, None),  # a number pad that moves the cursor
    ("~", "Digit2", {"modifierAltGraph": True}, None),
    ("a", "KeyQ", {}, None),
    ("Process", "Digit1", {}, None),
]

READ = """async ([rows, lib]) => {
  const { digitOf } = await import(lib);
  return rows.map(([key, code, more]) => digitOf(new KeyboardEvent("keydown", { key, code, ...more })) ?? null);
}"""

LIB = """() => performance.getEntriesByType("resource").map(({ name }) => name)
  .find((name) => /lib\\/keyboard\\.js/.test(name))"""


def test_a_digit_is_read_from_its_place_on_every_layout(comfy: ComfyPage) -> None:
    rows = [[key, code, more] for key, code, more, _ in DIGITS]
    assert comfy.evaluate(READ, [rows, comfy.evaluate(LIB)]) == [digit for *_, digit in DIGITS]


def test_routes_are_chosen_on_french_and_czech_keyboards(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    for key, code, more, route in [
        ("é", "Digit2", {}, 2),
        ("1", "Digit1", {"shiftKey": True}, 1),
        ("2", "Numpad2", {}, 2),
    ]:
        run = comfy.queue()
        comfy.waiting(flow.gate)
        for other in ({"ctrlKey": True}, {"altKey": True}, {"metaKey": True}, {"repeat": True}):
            comfy.evaluate(PRESS, [key, code, more | other])
        comfy.evaluate(PRESS, [key, code, more])
        assert comfy.ran(run) == {flow.previews[route - 1]}

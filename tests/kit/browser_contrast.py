"""How well what we write stands out from what it is written on, by the measure of WCAG: 4.5 is enough for any text."""

from __future__ import annotations

from browser_page import ComfyPage

ENOUGH = 4.5
FAINT = """([roots, enough]) => {
  const board = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const drawn = board.getContext("2d", { willReadFrequently: true });
  const parts = (color) => {
    drawn.clearRect(0, 0, 1, 1);
    drawn.fillStyle = color;
    drawn.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = drawn.getImageData(0, 0, 1, 1).data;
    return { rgb: [red, green, blue], alpha: alpha / 255 };
  };
  const over = ({ rgb, alpha }, below) => rgb.map((part, at) => part * alpha + below[at] * (1 - alpha));

  const linear = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = (rgb) => {
    const [red, green, blue] = rgb.map((part) => linear(part / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [more, less] = [light(one), light(other)].sort((a, b) => b - a);
    return (more + 0.05) / (less + 0.05);
  };

  const ground = (element) => {
    if (!element || element.matches(".dom-widget")) return parts(LiteGraph.NODE_DEFAULT_BGCOLOR).rgb; // on the canvas
    const own = parts(getComputedStyle(element).backgroundColor);
    return own.alpha === 1 ? own.rgb : over(own, ground(element.parentElement));
  };
  const opacity = (element) =>
    element ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1;
  const ratio = (element) => {
    const below = ground(element);
    const { rgb, alpha } = parts(getComputedStyle(element).color);
    return contrast(over({ rgb, alpha: alpha * opacity(element) }, below), below);
  };

  const text = ({ childNodes }) => [...childNodes].map(({ data = "" }) => data.trim()).join("");
  const isShown = (element) => element.getClientRects().length && element.checkVisibility({ opacityProperty: true });
  const isDisabled = (element) => element.matches(":disabled, :disabled *");
  return [...document.querySelectorAll(roots)]
    .flatMap((root) => [root, ...root.querySelectorAll("*")])
    .filter((element) => text(element) && isShown(element) && !isDisabled(element))
    .map((element) => ({ text: text(element), ratio: Math.round(100 * ratio(element)) / 100 }))
    .filter(({ ratio }) => ratio < enough);
}"""


def faint(comfy: ComfyPage, roots: str = ".ds-root") -> list[dict]:
    """The texts within these elements that are too hard to read, each with its contrast; disabled ones are left out."""
    assert comfy.page.locator(roots).count()
    return comfy.evaluate(FAINT, [roots, ENOUGH])

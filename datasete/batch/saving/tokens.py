"""Fills in what names may contain, such as ``%date:yyyy-MM-dd%`` and ``%KSampler.seed%``, as ComfyUI's own savers do.

For its own nodes, the page fills in both before it queues a prompt. But a walk queues its prompt again with other
seeds, so it is done here, from the prompt that runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

BATCH_NUMBER: Final = "%batch_num%"
"""The number of a picture in its batch, from 0; `Wanted.pictures` fills it in."""

SEARCH_NAME: Final = "Node name for S&R"
"""The property of a node that names it in such texts; by default its type."""

_TOKEN: Final = re.compile("%([^%]+)%")
_DATE: Final = "date:"
_DATE_PARTS: Final = re.compile("yyyy|yy|MM?|dd?|hh?|mm?|ss?")
_NO_PART_OF_A_NAME: Final = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')
_CLOCK: Final = {"%year%": "%Y", "%month%": "%m", "%day%": "%d", "%hour%": "%H", "%minute%": "%M", "%second%": "%S"}
_SIZES: Final = ("%width%", "%height%")


class Tokens:
    """What tokens stand for in one run.

    Args:
        prompt: what runs: by node id, the type and inputs of each node.
        workflow: as the page saved it; it knows more names of nodes. None without a page.
        size: width and height of the pictures.
        now: the time.
    """

    def __init__(self, prompt: object, workflow: object, size: tuple[int, int], now: datetime | None = None) -> None:
        self._prompt: Mapping[str, Any] = prompt if isinstance(prompt, Mapping) else {}
        self._workflow: Mapping[str, Any] = workflow if isinstance(workflow, Mapping) else {}
        self._now = now or datetime.now()  # noqa: DTZ005 - names are read by people, by their own clock
        self._plain = dict(zip(_SIZES, map(str, size), strict=True))
        self._plain |= {token: self._now.strftime(form) for token, form in _CLOCK.items()}

    def fill(self, text: str) -> str:
        """Return a text with its tokens filled in; what is not known stays as it is."""
        if "%" not in text:
            return text
        filled = _TOKEN.sub(self._value, text)
        for token, value in self._plain.items():
            filled = filled.replace(token, value)
        return filled

    def _value(self, match: re.Match[str]) -> str:
        token = match[1]
        if token.startswith(_DATE):
            return _DATE_PARTS.sub(self._date_part, token[len(_DATE) :])
        name, dot, widget = token.partition(".")
        found = self._widget(name, widget) if dot and "." not in widget else None
        return match[0] if found is None else found

    def _date_part(self, match: re.Match[str]) -> str:
        part, now = match[0], self._now
        if part[0] == "y":
            return f"{now.year:04}"[-len(part) :]
        values = {"M": now.month, "d": now.day, "h": now.hour, "m": now.minute, "s": now.second}
        return f"{values[part[0]]:0{len(part)}}"

    def _widget(self, name: str, widget: str) -> str | None:
        for node in self._nodes(name):
            inputs = node.get("inputs")
            if isinstance(inputs, Mapping) and widget in inputs:
                return self._shown(inputs[widget])
        return None

    def _nodes(self, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield the nodes of the prompt that a name may mean, the best match first."""
        drawn = list(self._drawn())
        for matches in (
            lambda node: (node.get("properties") or {}).get(SEARCH_NAME) == name,
            lambda node: node.get("title") == name,
        ):
            for node in filter(matches, drawn):
                yield from self._running(node)
        running = [node for node in self._prompt.values() if isinstance(node, Mapping)]
        yield from (node for node in running if node.get("class_type") == name)
        yield from (node for node in running if (node.get("_meta") or {}).get("title") == name)

    def _drawn(self) -> Iterator[Mapping[str, Any]]:
        """Yield the nodes of the workflow, then those of its subgraphs."""
        definitions = self._workflow.get("definitions")
        subgraphs = definitions.get("subgraphs") if isinstance(definitions, Mapping) else None
        for graph in (self._workflow, *(subgraphs or ())):
            nodes = graph.get("nodes") if isinstance(graph, Mapping) else None
            yield from (node for node in nodes or () if isinstance(node, Mapping))

    def _running(self, drawn: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield what runs of a drawn node; one in a subgraph has the ids of the nodes around it before its own."""
        own = str(drawn.get("id"))
        for node_id, node in self._prompt.items():
            same_id = str(node_id) == own or str(node_id).endswith(f":{own}")
            if same_id and isinstance(node, Mapping) and node.get("class_type") == drawn.get("type"):
                yield node

    def _shown(self, value: object) -> str | None:
        if isinstance(value, list):  # wired: to a node that only holds a value, or to one whose value is not known here
            source = self._prompt.get(str(value[0])) if value else None
            inputs = source.get("inputs") if isinstance(source, Mapping) else None
            value = inputs.get("value") if isinstance(inputs, Mapping) else None
            if value is None or isinstance(value, list):
                return None
        if isinstance(value, bool):
            text = str(value).lower()
        elif isinstance(value, float) and value.is_integer():
            text = str(int(value))  # as the page shows it
        else:
            text = "" if value is None else str(value)
        return _NO_PART_OF_A_NAME.sub("_", text)


def without_tokens(text: str) -> str:
    """Return a text with a digit for each token, to judge what else is in it before a run."""
    plain = _TOKEN.sub(lambda match: "0" if match[1].startswith(_DATE) or "." in match[1] else match[0], text)
    for token in (*_SIZES, *_CLOCK, BATCH_NUMBER):
        plain = plain.replace(token, "0")
    return plain

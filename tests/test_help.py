"""Every node has a help page that speaks of every one of its ports."""

from pathlib import Path

import pytest

from datasete.nodes import NODE_CLASS_MAPPINGS

HELP = Path(__file__).resolve().parent.parent / "web" / "docs"


def ports(node):
    inputs = node.INPUT_TYPES()
    return [*inputs.get("required", {}), *inputs.get("optional", {})]


def test_the_pages_are_those_of_the_nodes():
    assert sorted(page.stem for page in HELP.glob("*.md")) == sorted(NODE_CLASS_MAPPINGS)


@pytest.mark.parametrize("name", [name for name in NODE_CLASS_MAPPINGS if name != "BatchProgressFormatter"])
def test_a_page_names_every_input(name):
    text = (HELP / f"{name}.md").read_text("utf-8")
    assert [port for port in ports(NODE_CLASS_MAPPINGS[name]) if f"`{port}`" not in text] == []

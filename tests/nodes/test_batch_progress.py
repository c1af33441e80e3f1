import pytest

from datasete.nodes.batch_progress import BatchProgressFormatter


@pytest.mark.parametrize(
    ("index", "total", "line"),
    [
        (2, 10, "3 of 10 (30%)"),
        (0, 3, "1 of 3 (33%)"),
        (9, 10, "10 of 10 (100%)"),
        (10, 10, "10 of 10 (100%)"),
        (0, 0, "0 of 0 (0%)"),
    ],
)
def test_the_line(index, total, line):
    assert BatchProgressFormatter().run(index, total) == (line,)


def test_the_ports_are_those_that_workflows_know():
    assert list(BatchProgressFormatter.INPUT_TYPES()["required"]) == ["index", "total_count"]
    assert BatchProgressFormatter.RETURN_TYPES == ("STRING",)

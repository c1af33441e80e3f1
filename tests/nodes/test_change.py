"""The answer to IS_CHANGED of what must run again."""

import json

from datasete.nodes.change import never_equal


def test_it_equals_no_other() -> None:
    assert len({never_equal() for _ in range(100)}) == 100


def test_it_is_strict_json() -> None:
    answer = never_equal()
    assert json.loads(json.dumps([answer], allow_nan=False)) == [answer]

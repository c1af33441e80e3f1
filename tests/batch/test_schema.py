"""How the ledger keeps a batch's state: as the first versions did, so that either reads what the other wrote."""

import json

from datasete.batch.schema import decode_batch, encode_batch
from datasete.batch.state import Batch, Status

RUNNING = (
    '{"status":"walking","total":340,"position":12,"count":10,"skipped":2,"first":3,"passes":4,"serial":25,'
    '"mode":"Reset","flight":{"run":"run-25","index":12,"serial":25,"skip":true,"resumed":true,"attempt":2,'
    '"began":true},"pending":{"ticket":"ticket-26","fired":1700000001000,"carried":false,"trigger":"browser",'
    '"run":"run-26"},"halted":1700000000000,"began":1700000000500,"walked":9,"attempts":2,'
    '"message":"Why it stopped.","held":"run-24","trigger":"browser","pressed":1700000000400,"press":"press-7"}'
)
NEW = (
    '{"status":"fresh","total":0,"position":0,"count":0,"skipped":0,"first":0,"passes":0,"serial":0,'
    '"mode":"Continue","flight":null,"pending":null,"halted":0,"began":0,"walked":0,"attempts":0,"message":"",'
    '"held":"","trigger":"","pressed":0,"press":""}'
)


def test_a_row_of_the_first_versions_is_read_and_written_letter_by_letter():
    assert encode_batch(decode_batch(RUNNING)) == RUNNING
    assert encode_batch(decode_batch(NEW)) == NEW


def test_every_value_of_such_a_row_is_read():
    batch = decode_batch(RUNNING)
    assert (batch.status, batch.active.run, batch.pending.ticket) == (Status.RUNNING, "run-25", "ticket-26")
    without = json.loads(RUNNING)
    for key in without:
        assert decode_batch(json.dumps({name: value for name, value in without.items() if name != key})) != batch


def test_renamed_results_are_written_only_where_there_are_some():
    batch = decode_batch('{"renamed":3}')
    assert batch.progress.renamed == 3
    assert json.loads(encode_batch(batch))["renamed"] == 3


def test_a_new_batch_is_written_with_every_key():
    assert encode_batch(Batch()) == NEW
    assert decode_batch("{}") == Batch()

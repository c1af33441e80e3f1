"""Batches: one run for each file of a folder, with a ledger that knows what was done."""

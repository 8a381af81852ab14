"""Turns a source's records into raw rows, committed in batches; the ledger records which process reads which window."""

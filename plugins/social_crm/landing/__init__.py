"""From a source's records to raw rows, committed in batches; the ledger knows who reads which window."""

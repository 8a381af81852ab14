"""What every SQL source shares: the engine, keyset reading in batches, and values as JSON."""

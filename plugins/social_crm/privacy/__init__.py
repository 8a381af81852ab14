"""What may be kept of people and for how long: pseudonyms, policies of sources, words that go, erasure."""

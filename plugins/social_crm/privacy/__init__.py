"""What may be kept about people and for how long: pseudonyms, policies of sources, removal of words, erasure."""

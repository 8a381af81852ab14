"""Says which records are the same person: probabilistic linkage on Splink, blocked, set-based and repeatable."""

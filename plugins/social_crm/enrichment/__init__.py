"""What SQL cannot do: language, sentiment and meaning of new texts, and which people are probably the same."""

"""What SQL cannot do: tell language, sentiment and meaning of texts not seen before, and who may be whom."""

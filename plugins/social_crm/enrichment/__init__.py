"""What SQL cannot do: language and sentiment of texts not seen before."""

"""From `marts` to `bi`: what BI users get, and who sees which rows of it."""

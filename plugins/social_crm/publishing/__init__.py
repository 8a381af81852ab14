"""From `marts` to `bi`: what BI users get, and who of them sees which rows."""

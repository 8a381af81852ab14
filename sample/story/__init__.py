"""The story of the bundled company: who said what to whom and when, before any wire format."""

"""What goes back out of the warehouse, however often it is re-run: cases and notes exactly once, messages at least.

A mail server and a chat cannot be asked what they took (docs/decisions/0027).
"""

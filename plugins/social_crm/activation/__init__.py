"""What goes back out of the warehouse, however often it is re-run: a case or note once, a message at least once.

Cases and notes are looked up in their target before they are made; docs/runbooks/activation.md says when a case is made
twice. A mail server and a chat cannot be asked what they took (docs/decisions/0027).
"""

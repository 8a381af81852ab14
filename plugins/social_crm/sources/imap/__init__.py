"""Reading a mailbox: the session with the server, and one message as a record."""

"""What reading a mailbox takes: the session with the server, and one message as a record."""

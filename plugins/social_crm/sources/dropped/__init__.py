"""What file-drop sources share: the inbox, a file's content, and the rows in it."""

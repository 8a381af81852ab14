"""What goes back out of the warehouse: cases, notes and notifications, each exactly once however often it is re-run."""

"""The two doors, the suites of expectations that they run, and the pages that show the results."""

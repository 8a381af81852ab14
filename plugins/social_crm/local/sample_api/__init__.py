"""A loopback server that tells the bundled company's story over its sources' own wire formats.

Nothing after the server's clock exists for any API. sample/README.md describes the clock, the faults and the
credentials.
"""

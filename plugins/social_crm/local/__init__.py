"""What a laptop needs and production does not: embedded Postgres, sample API server, demo."""

"""From what has landed to the marts: what one run takes, and its parts, which dbt builds."""

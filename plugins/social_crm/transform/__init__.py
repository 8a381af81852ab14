"""From what has landed to the marts: which loads one run takes, and its steps, which dbt builds."""

"""From landed data to the marts: which loads a run takes, and its steps, which dbt builds."""

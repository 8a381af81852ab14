"""What dashboards are made of: datasets, metrics and their catalogue, generated from the dbt project."""

"""What dashboards are made of: datasets, metrics and their catalogue, written out of the dbt project."""

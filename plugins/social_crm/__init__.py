"""The Social CRM Warehouse: extract, score, join, audit and publish customer interactions."""

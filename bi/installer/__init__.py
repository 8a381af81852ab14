"""Steps of `install.py`; each runs in the application context of Superset."""

"""Prepares the warehouse that the settings name for every registered source; safe to repeat."""

from social_crm.database.preparation import prepare
from social_crm.settings import load_settings
from social_crm.sources import SOURCES

if __name__ == "__main__":
    prepare(load_settings(), SOURCES)

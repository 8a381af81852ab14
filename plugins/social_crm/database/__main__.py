"""Prepares the settings' warehouse for every registered source; safe to repeat."""

import sys

from social_crm.command import run_command
from social_crm.database.preparation import prepare
from social_crm.settings import load_settings
from social_crm.sources import SOURCES


def main() -> None:
    """Prepare it."""
    prepare(load_settings(), SOURCES)


if __name__ == "__main__":
    sys.exit(run_command(main, if_interrupted="nothing was changed"))

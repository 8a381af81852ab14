"""How every command of ours is described, and how it ends: with an exit code, and one line that says what failed."""

import argparse
import sys
from collections.abc import Callable

from social_crm.errors import WarehouseError

# As shells say that a signal ended something.
INTERRUPTED = 128 + 2


def parser_of(module: str, description: str | None, epilog: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of `python -m social_crm.<module>`, which describes it line by line as it is given."""
    return argparse.ArgumentParser(
        prog=f"python -m social_crm.{module}",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def run_command(main: Callable[[], int | None], if_interrupted: str = "what was committed before stays") -> int:
    """Run a command and return its exit code; what is no fault of ours in the code ends without a traceback."""
    try:
        return main() or 0
    except KeyboardInterrupt:
        sys.stderr.write(f"error: interrupted; {if_interrupted}\n")
        return INTERRUPTED
    except (WarehouseError, OSError) as error:
        # Of an OSError the text names a file, a port or an address.
        told = str(error)
    except Exception as error:
        import psycopg

        from social_crm.database import cause_of

        if not isinstance(error, psycopg.Error):
            raise
        told = f"{cause_of(error)}. Look at its own log, then do this again"
    sys.stderr.write(f"error: {told}\n")
    return 2

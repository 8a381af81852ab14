"""How well texts are understood: every task on texts from which no rule was written and no model was trained.

`python benchmarks/text_quality.py` prints Markdown sections; `--task complaint suggestion` prints those of some tasks.
"""

import argparse
import os
import platform
import sys
from importlib.metadata import version

from quality_tasks import TASKS
from quality_tasks.samples import SHARED_DATA


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", nargs="+", choices=sorted(TASKS), default=list(TASKS))
    chosen = parser.parse_args().task
    if not SHARED_DATA.is_dir():
        sys.exit(f"no real texts at {SHARED_DATA}: nothing to measure")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}, Python {platform.python_version()}, scikit-learn {version('scikit-learn')}\n", flush=True)
    for task in chosen:
        print(TASKS[task](), end="\n\n", flush=True)


if __name__ == "__main__":
    main()

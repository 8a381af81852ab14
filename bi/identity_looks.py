"""Charts that show single people: the warehouse logs each choice of a customer by filter, or nothing is shown."""

import re
import threading
import time

import psycopg2

# The role that may open Customer 360; nobody else sees a dashboard of single people.
LOOKER = "Customer 360"
# What shows single people, for lookers alone; of one table the dataset has a name of its own.
PEOPLE_TABLES = {
    "bridge_customer_identities", "dim_customer", "rpt_conflicting_answers", "rpt_customer_timeline", "rpt_customers",
}  # fmt: skip
PEOPLE_DATASETS = {*PEOPLE_TABLES, "customers"}
PEOPLE_DASHBOARD = "customer-360"
# One look asks for every chart of a page.
SECONDS_OF_ONE_LOOK = 60.0
_CHOSEN = re.compile(
    r"""\bcustomer_id"?(?:\s+as\s+\w+\))?\s*(?:=|i?like\b|in\s*\()\s*((?:'(?:[^']|'')*'[\s,]*)+)""", re.IGNORECASE
)
_VALUE = re.compile(r"'((?:[^']|'')*)'")
_lock = threading.Lock()
_written: dict[tuple[str, str], float] = {}


def customers_in(sql: str) -> list[str]:
    """Return the customers that a query of a dashboard chooses by their id."""
    values = [value.replace("''", "'") for chosen in _CHOSEN.findall(sql) for value in _VALUE.findall(chosen)]
    return list(dict.fromkeys(values))


def write_down(url: str, person: str, customers: list[str]) -> None:
    """Have the warehouse log who looks at whom, once per look; `url` is that of a role in customer_360."""
    with _lock:
        now = time.monotonic()
        due = [name for name in customers if now - _written.get((person, name), -1e9) > SECONDS_OF_ONE_LOOK]
        if not due:
            return
        connection = psycopg2.connect(url)
        try:
            # A look that is rolled back is missing from the log.
            connection.autocommit = True
            with connection.cursor() as cursor:
                for name in due:
                    cursor.execute("select count(*) from customer_360.person(%s, %s)", [name, person])
                    _written[person, name] = now
        finally:
            connection.close()

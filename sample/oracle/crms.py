"""Customers of the CRMs other than the customer database, as of the last read."""

from oracle.reading import READS, read

CRMS = ("hubspot", "salesforce")


def current_contacts(data):
    """Return {customer id of the warehouse: contact} of every contact, including deleted ones."""
    return {
        f"{crm}:{row['id']}": row
        for crm in CRMS
        for row in read(data / f"{crm}.jsonl")
        if row["kind"] == "contact" and row["from"] <= READS[-1][1]
    }


def other_crm_answers(data):
    """Count the customers of each CRM, and deleted ones; no step reads more than one version of any."""
    contacts = current_contacts(data)
    return {
        crm: {
            "customers": sum(name.startswith(crm) for name in contacts),
            "deleted": sum(name.startswith(crm) and row.get("is_deleted", False) for name, row in contacts.items()),
        }
        for crm in CRMS
    }

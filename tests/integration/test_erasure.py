"""A person who asks to be erased leaves every table, stays away, and leaves what others said and all counts as they were."""

import pytest
from erased_person import IDENTIFIERS, land, traces
from star_warehouse import StarWarehouse

from social_crm.erasure import erase, preview, reapply


def test_a_person_is_nowhere_and_counts_stay(star: StarWarehouse) -> None:
    land(star)
    star.transform()
    before = traces(star)
    star.keep("before")
    print("before", before)
    print(preview(IDENTIFIERS))
    print(erase(IDENTIFIERS, by="dpo", reason="request 17"))
    print("raw", [t for t in traces(star) if t.startswith("raw") or t.startswith("ops")])
    star.transform()
    print("after", traces(star))
    print(reapply())
    print("after", traces(star))
    for table in star.differences("before", "marts"):
        d = star.differences("before", "marts")[table]
        print(table, d[:2])
    assert 0

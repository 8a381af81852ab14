"""A person who asks to be erased leaves every table, stays away, and leaves what others said and all counts as they were."""

import pytest
from erased_person import IDENTIFIERS, land, traces
from star_warehouse import StarWarehouse

from social_crm.erasure import erase, preview, reapply
HIDDEN = "- array['author_key','customer_key','customer_id','text_masked','text_excerpt']"

def differing(star, kept, left, right):
    out = {}
    for table in star.differences(left, right):
        a = f"select to_jsonb(t) {HIDDEN} from {left}.{table} as t"
        b = f"select to_jsonb(t) {HIDDEN} from {right}.{table} as t"
        rows = star.admin.execute(f"({a} except all {b}) union all select '{{\"x\":1}}' union all ({b} except all {a})").fetchall()
        if len(rows) > 1:
            out[table] = rows
    return out

def test_a_person_is_nowhere_and_counts_stay(star: StarWarehouse) -> None:
    land(star)
    star.transform()
    star.keep("before")
    erase(IDENTIFIERS, by="dpo", reason="request 17")
    star.transform()
    reapply()
    for t in star.tables("marts"):
        star.admin.execute(f"drop table if exists before.{t}_")
    for k, v in differing(star, "before", "before", "marts").items():
        print(k)
        i = [r[0] for r in v].index({"x": 1})
        L, R = [r[0] for r in v[:i]], [r[0] for r in v[i+1:]]
        print(len(L), len(R))
        for l in L[:4]:
            best = min(R, key=lambda r: sum(l[k] != r.get(k) for k in l), default=None)
            print("   ", {k: (l[k], best[k]) for k in l if l[k] != best[k]} if best else l)
    star.keep("after")
    print("traces", [t for t in traces(star) if not t.startswith("before")])
    star.transform(full_refresh=True)
    print(star.differences("after", "marts"))
    land(star, 1)
    print(star.admin.execute("select source, resource, appended_count, unchanged_count, erased_count from raw.load_ledger").fetchall())
    print("traces", [t for t in traces(star) if not t.startswith("before")])
    assert 0

"""Views that are built in marts are published over the tables BI users see."""

import pytest
from test_publishing import Star

from social_crm.settings import Settings


@pytest.fixture
def star(warehouse: Settings) -> Star:
    return Star(warehouse)


def test_a_view_reads_what_is_published_and_lets_its_tables_change(star: Star) -> None:
    star.transform("create view marts.rpt_sizes as select market_code, count(*) from marts.fct_interactions group by 1")
    star.say("a", "one", "two")
    star.publish_day(0)
    assert star.read("select * from bi.rpt_sizes") == [("us", 2)]

    # Built, but not published yet.
    star.say("a", "one")
    assert star.read("select * from bi.rpt_sizes") == [("us", 2)]
    # Its table has other columns now.
    star.transform("alter table marts.fct_interactions add column extra int")
    star.publish_day(1)
    assert star.read("select * from bi.rpt_sizes") == [("us", 1)]
    assert star.read("select count(extra) from bi.fct_interactions") == [(0,)]

    star.transform("drop view marts.rpt_sizes; create view marts.rpt_sizes as select 7 as n from marts.dim_markets")
    star.publish_day(2)
    assert star.read("select distinct n from bi.rpt_sizes") == [(7,)]
    star.transform("drop view marts.rpt_sizes")
    star.publish_day(3)
    assert star.read("select to_regclass('bi.rpt_sizes')") == [(None,)]


def test_a_view_over_a_view_follows_it(star: Star) -> None:
    star.transform("create view marts.rpt_z as select market_code from marts.fct_interactions")
    star.transform("create view marts.rpt_a as select count(*) as n from marts.rpt_z")
    star.say("a", "one", "two")
    star.publish_day(0)
    assert star.read("select * from bi.rpt_a") == [(2,)]

    star.transform("create or replace view marts.rpt_z as select market_code from marts.fct_interactions limit 1")
    star.publish_day(1)
    assert star.read("select * from bi.rpt_a") == [(1,)]

"""Median time to an answer, including people who still wait: shown next to each response rate."""

from social_crm.dashboards.charts import COUNT, NUMBER, Chart, On, column, measure, where

# A row of the report is a month, so a period of days would find none.
_MEDIANS = On("rpt_clock_medians", None)
_MINUTES, _ANSWERED, _OTHERS = "Median (min)", "Answered", "Not yet, or gone without"


def median_waits(key: str, title: str) -> Chart:
    """Return the median first reply by month, market and channel family, the newest month first."""
    return _MEDIANS.table(
        key, title, [column("Month", "to_char(month_start_date, 'YYYY-MM')"), "market", "channel_family"],
        [
            # Each line is one row of the report; a median of several medians would not be a median.
            measure(_MINUTES, "max(median_seconds) / 60.0"),
            measure(_ANSWERED, "max(event_count)"),
            measure(_OTHERS, "max(censored_count)"),
        ],
        where("clock", "first_reply"),
        order=measure("Newest", "max(month_start_date)"), forms={_MINUTES: NUMBER, _ANSWERED: COUNT, _OTHERS: COUNT},
    )  # fmt: skip

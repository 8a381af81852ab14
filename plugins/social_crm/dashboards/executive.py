"""Executive: is service kept, how do customers sound, what is going wrong; global and local."""

from social_crm.dashboards.charts import COUNT, SHARE, kpi, lines
from social_crm.dashboards.layout import Dashboard

_DAY = "local_date_key"
_HEADER = "**Do we keep our promises, in every market and on every channel?** The period against the period before."

EXECUTIVE = Dashboard(
    slug="executive",
    title="Executive: global and local",
    header=_HEADER,
    rows=[
        [
            kpi("exec_cases", "Conversations", "case_overview", "conversations", _DAY, COUNT, width=4),
            kpi(
                "exec_sla", "Service levels kept", "promise_overview", "attained_share", _DAY, SHARE,
                more_is_better=True, width=4,
            ),
            kpi(
                "exec_frt", "Median first reply, minutes", "case_overview", "frt_median_minutes", _DAY, ",.0f",
                more_is_better=False, width=4,
            ),
        ],
        [
            lines(
                "exec_volume", "Conversations opened per day", "case_overview", ["conversations"], _DAY, COUNT,
                "conversations", by="channel_family",
            ),
            lines(
                "exec_sla_trend", "Service levels kept per day", "promise_overview", ["attained_share"], _DAY, ".0%",
                "share of judged", by="channel_family",
            ),
        ],
    ],
    tabs=[],
)  # fmt: skip

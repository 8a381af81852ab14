"""How the numbers of a period differ from the period before."""

from itertools import groupby

from social_crm.dashboards.charts import SHARE, TABLE, Chart


def changes(*numbers: Chart) -> list[Chart]:
    """Return the table to show below a row of numbers: how each differs from the period before.

    Superset's own number with a comparison takes NULL for 0; this difference is NULL if either side is.
    """
    alike = groupby(numbers, key=lambda number: (number.dataset, number.params["adhoc_filters"]))
    return [_change(list(group)) for _, group in alike]


def _change(numbers: list[Chart]) -> Chart:
    """Return the differences of one dataset's numbers with the same filters, as wide as the numbers together."""
    first = numbers[0]
    params = {
        "query_mode": "aggregate",
        "groupby": [],
        "metrics": [number.params["metric"] for number in numbers],
        "adhoc_filters": first.params["adhoc_filters"],
        "time_compare": ["inherit"],
        "comparison_type": "difference",
        "column_config": {
            "difference__{0}__{0}__inherit".format(number.params["metric"]): {
                # A share that rises from 50 % to 60 % rises by 10 points, not by 20 %.
                "customColumnName": number.title + (", points" if number.params["y_axis_format"] == SHARE else ""),
                "d3NumberFormat": f"+{number.params['y_axis_format'].lstrip('+')}",
            }
            for number in numbers
        },
        **TABLE,
    }
    width = sum(number.width for number in numbers)
    return Chart(f"{first.key}_change", "Change", first.dataset, "table", params, width, 19)

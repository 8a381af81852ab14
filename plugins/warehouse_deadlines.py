"""What the deadlines of our DAGs are counted from, for every process of Airflow that reads a DAG."""

from airflow.plugins_manager import AirflowPlugin

from social_crm.orchestration.deadline_reference import FirstQueuedAt


class WarehouseDeadlines(AirflowPlugin):
    """Registers our reference."""

    name = "warehouse_deadlines"
    deadline_references = [FirstQueuedAt]  # noqa: RUF012

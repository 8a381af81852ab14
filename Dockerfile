# The image of every Airflow service in docker-compose.yml: Airflow, dbt, Great Expectations and this project.
FROM python:3.11.14-slim-bookworm

ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/warehouse/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/warehouse/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    PYTHONPATH=/opt/warehouse/plugins \
    PYTHONFAULTHANDLER=1 \
    RUNTIME__DLTHUB_TELEMETRY=false \
    DO_NOT_TRACK=1

# The browser that draws the weekly report, and a library that its driver wants.
RUN apt-get update && apt-get install --yes --no-install-recommends chromium libatomic1 && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home --uid 50000 airflow \
    # Mount points of volumes take their owner from the image.
    && mkdir -p /opt/airflow/logs /opt/warehouse /var/lib/warehouse /srv/drops \
    && chown -R airflow:airflow /opt/airflow /var/lib/warehouse

COPY requirements-production.lock /opt/warehouse/
RUN pip install --no-cache-dir --require-hashes -r /opt/warehouse/requirements-production.lock

COPY dags /opt/warehouse/dags
COPY plugins /opt/warehouse/plugins
COPY dbt_project /opt/warehouse/dbt_project
COPY expectations /opt/warehouse/expectations
COPY docs /opt/warehouse/docs
COPY README.md CONTRIBUTING.md CHANGELOG.md /opt/warehouse/
COPY bi/README.md /opt/warehouse/bi/

USER airflow
WORKDIR /opt/warehouse
ENTRYPOINT ["airflow"]

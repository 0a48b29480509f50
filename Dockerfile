# Airflow with AI Log Analyzer, for docker-compose.yaml and for any deployment that runs an image.
# The slim image holds Airflow alone, so that exactly the pinned set is installed over it, as in the virtual environment of "make setup".
#
# With the Astro CLI the same tree is used: keep one line, FROM the Astro Runtime of Airflow 3.3, and below it
#   ENV PYTHONPATH=/usr/local/airflow/include
# Astro itself installs packages.txt and requirements.txt, copies dags/, plugins/, include/ and sql/, and reads airflow_settings.yaml.
FROM apache/airflow:slim-3.3.2-python3.12

USER root
COPY packages.txt /tmp/packages.txt
RUN set -eu; packages=$(grep -v '^#' /tmp/packages.txt || true); \
    if [ -n "$packages" ]; then apt-get update && apt-get install -y --no-install-recommends $packages && rm -rf /var/lib/apt/lists/*; fi
USER airflow

# The Airflow pin is repeated so that no provider can move it. The development requirements are no part of the image.
COPY requirements.txt /opt/airflow/requirements.txt
RUN pip install --no-cache-dir "apache-airflow==3.3.2" -r /opt/airflow/requirements.txt && pip check

COPY --chown=airflow:0 dags/ /opt/airflow/dags/
COPY --chown=airflow:0 plugins/ /opt/airflow/plugins/
COPY --chown=airflow:0 include/ /opt/airflow/include/
COPY --chown=airflow:0 sql/ /opt/airflow/sql/

# Every component must be able to import the product, the triggerer and the API server as well.
ENV PYTHONPATH=/opt/airflow/include \
    AIRFLOW__CORE__LOAD_EXAMPLES=False
RUN mkdir -p /opt/airflow/reports /opt/airflow/auth
RUN printf '#!/bin/sh\nexec python -m ailog.cli "$@"\n' > /home/airflow/.local/bin/ailog && chmod 755 /home/airflow/.local/bin/ailog

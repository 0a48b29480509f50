#!/bin/sh
# Run once by the PostgreSQL container of docker-compose.yaml, on an empty volume: a database for Airflow, one for the product, three roles.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    -v airflow="$AIRFLOW_DB_PASSWORD" -v owner="$AILOG_OWNER_PASSWORD" -v app="$AILOG_APP_PASSWORD" <<'SQL'
CREATE ROLE airflow LOGIN PASSWORD :'airflow';
CREATE ROLE ailog_owner LOGIN PASSWORD :'owner';
CREATE ROLE ailog_app LOGIN PASSWORD :'app';
CREATE DATABASE airflow OWNER airflow;
CREATE DATABASE ailog OWNER ailog_owner;
REVOKE ALL ON DATABASE airflow, ailog FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE ailog TO ailog_app;
SQL

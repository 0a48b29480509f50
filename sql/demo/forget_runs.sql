-- In the metadata of the demo's own Airflow: runs of an earlier demo would go on where they were interrupted.
TRUNCATE dag_run CASCADE;

SELECT
    window_start, event_time, namespace, app, message, error_type, stack_trace, app_version, trace_id, span_id, parent_span_id, weight
FROM ailog_staging.log_event
WHERE run_no = $1

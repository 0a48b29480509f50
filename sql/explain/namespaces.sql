SELECT n.namespace FROM ailog_peak.namespace_error_counts AS n WHERE n.window_start = %(window_start)s ORDER BY n.namespace

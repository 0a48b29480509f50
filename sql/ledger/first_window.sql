SELECT min(w.window_start) AS first_window FROM ailog_peak.analysis_run_windows AS w

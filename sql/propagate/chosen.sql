-- The picked traces, each once.
CREATE TEMP TABLE chosen ON COMMIT DROP AS
SELECT DISTINCT trace_no, hash FROM picked

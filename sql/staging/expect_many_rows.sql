-- For the rest of the transaction. Staging tables are filled and read within seconds, before anything has statistics of them: the planner
-- expects a handful of rows, and nested loops over what are millions make the time grow with the square of the events.
SELECT set_config('enable_nestloop', 'off', true), set_config('work_mem', '64MB', true), set_config('jit', 'off', true)


-- After {until}, in a migration of its own:
--   DROP VIEW {view};
--   ALTER TABLE {table} DROP COLUMN {deprecated};

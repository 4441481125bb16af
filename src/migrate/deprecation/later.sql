
-- After {until}, in a migration of its own:
--   ALTER TABLE {table} DROP COLUMN {deprecated};


-- From here on a new row says its value itself.
-- squawk-ignore ban-drop-default -- nobody relies on it: the column is new
ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT;

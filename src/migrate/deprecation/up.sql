-- The values stay where they are. Whatever writes {column} is to be changed before this runs.
-- squawk-ignore renaming-column -- this is how a column is deprecated: its values stay, and its readers are warned
ALTER TABLE {table} RENAME COLUMN {column} TO {deprecated};

COMMENT ON COLUMN {table}.{deprecated} IS
  {comment};

-- The values stay where they are. Whatever writes {column} is to be changed before this runs.
ALTER TABLE {table}
  RENAME COLUMN {column} TO {deprecated};

COMMENT ON COLUMN {table}.{deprecated} IS
  {comment};

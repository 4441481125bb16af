COMMENT ON COLUMN {table}.{deprecated} IS
  {old_comment};

ALTER TABLE {table}
  RENAME COLUMN {deprecated} TO {column};

ALTER TABLE {table}
  DROP COLUMN {column};

DROP TYPE {type};

-- The value cannot be used before this transaction has committed: statements that use it, as a default, in an
-- UPDATE or in a CHECK, go into the next migration.
{ignore}ALTER TYPE {type} ADD VALUE {value}{position};

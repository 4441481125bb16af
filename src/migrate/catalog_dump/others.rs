//! Schemas, extensions, and what is seldom made by a migration.

const SCHEMAS: &str = "SELECT 'schema ' || ours.schema, 0, 0::bigint, concat_ws(', ', 'owner ' || quote_ident(pg_get_userbyid(n.nspowner)),
    'comment ' || quote_literal(obj_description(n.oid, 'pg_namespace')))
  FROM ours JOIN pg_namespace n ON n.oid = ours.oid";

const SCHEMA_GRANTS: &str = "SELECT 'schema ' || ours.schema, 1, 0::bigint, 'grant ' || g::text
  FROM ours JOIN pg_namespace n ON n.oid = ours.oid, unnest(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS g";

const EXTENSIONS: &str = "SELECT 'extension ' || quote_ident(e.extname), 0, 0::bigint,
    'version ' || e.extversion || ' in ' || e.extnamespace::regnamespace::text FROM pg_extension e";

const DEFAULT_GRANTS: &str = "SELECT 'default privileges of ' || quote_ident(pg_get_userbyid(d.defaclrole))
      || coalesce(' in ' || nullif(d.defaclnamespace, 0)::regnamespace::text, ''), 0, 0::bigint,
    'on ' || d.defaclobjtype::text || ' grant ' || g::text
  FROM pg_default_acl d, unnest(d.defaclacl) AS g";

const EVENT_TRIGGERS: &str = "SELECT 'event trigger ' || quote_ident(t.evtname), 0, 0::bigint, concat_ws(', ',
    'on ' || t.evtevent, 'calls ' || t.evtfoid::regprocedure::text, 'enabled ' || t.evtenabled::text, 'tags ' || t.evttags::text,
    'owner ' || quote_ident(pg_get_userbyid(t.evtowner)), 'comment ' || quote_literal(obj_description(t.oid, 'pg_event_trigger')))
  FROM pg_event_trigger t";

const PUBLICATIONS: &str = "SELECT 'publication ' || quote_ident(p.pubname), 0, 0::bigint,
    (to_jsonb(p) - 'oid' - 'pubowner' - 'pubname')::text || ' owner ' || quote_ident(pg_get_userbyid(p.pubowner))
  FROM pg_publication p
  UNION ALL
  SELECT 'publication ' || quote_ident(p.pubname), 1, 0::bigint, 'table ' || r.prrelid::regclass::text
  FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid";

const FOREIGN_SERVERS: &str = "SELECT 'server ' || quote_ident(s.srvname), 0, 0::bigint, concat_ws(', ',
    'wrapper ' || quote_ident(w.fdwname), 'version ' || s.srvversion, 'options ' || s.srvoptions::text,
    'owner ' || quote_ident(pg_get_userbyid(s.srvowner)), 'grants ' || s.srvacl::text)
  FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw";

/// What is known by its description alone: operators, casts, text search, collations and the like.
const DESCRIBED: &str = "SELECT pg_describe_object(o.class, o.id, 0), 0, 0::bigint,
    concat_ws(', ', 'exists', 'owner ' || quote_ident(pg_get_userbyid(o.owner)),
      'comment ' || quote_literal((SELECT d.description FROM pg_description d WHERE d.classoid = o.class AND d.objoid = o.id AND d.objsubid = 0)))
  FROM (
    SELECT 'pg_operator'::regclass AS class, oid AS id, oprowner AS owner FROM pg_operator
    UNION ALL SELECT 'pg_opclass'::regclass, oid, opcowner FROM pg_opclass
    UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfowner FROM pg_opfamily
    UNION ALL SELECT 'pg_collation'::regclass, oid, collowner FROM pg_collation
    UNION ALL SELECT 'pg_conversion'::regclass, oid, conowner FROM pg_conversion
    UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgowner FROM pg_ts_config
    UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictowner FROM pg_ts_dict
    UNION ALL SELECT 'pg_ts_parser'::regclass, oid, NULL FROM pg_ts_parser
    UNION ALL SELECT 'pg_ts_template'::regclass, oid, NULL FROM pg_ts_template
    UNION ALL SELECT 'pg_cast'::regclass, oid, NULL FROM pg_cast
    UNION ALL SELECT 'pg_language'::regclass, oid, lanowner FROM pg_language
    UNION ALL SELECT 'pg_am'::regclass, oid, NULL FROM pg_am
    UNION ALL SELECT 'pg_transform'::regclass, oid, NULL FROM pg_transform
    UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, fdwowner FROM pg_foreign_data_wrapper) AS o
  WHERE o.id >= 16384 AND NOT EXISTS (SELECT FROM extended e WHERE e.classid = o.class AND e.objid = o.id)";

const LABELS: &str = "SELECT pg_describe_object(s.classoid, s.objoid, s.objsubid), 99, 0::bigint,
    'security label ' || quote_literal(s.label) || ' for ' || quote_ident(s.provider)
  FROM pg_seclabel s WHERE s.objoid >= 16384";

/// The database's own comment and settings, which ALTER DATABASE and ALTER ROLE IN DATABASE change.
const DATABASE: &str = "SELECT 'database', 0, 0::bigint, 'comment ' || quote_literal(shobj_description(d.oid, 'pg_database'))
  FROM pg_database d WHERE d.datname = current_database() AND shobj_description(d.oid, 'pg_database') IS NOT NULL
  UNION ALL
  SELECT 'database', 1, 0::bigint, 'set' || coalesce(' for ' || quote_ident(pg_get_userbyid(nullif(s.setrole, 0))), '') || ' ' || setting
  FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) AS setting
  WHERE d.datname = current_database()
  UNION ALL
  SELECT 'database', 2, 0::bigint, 'grant ' || g::text
  FROM pg_database d, unnest(coalesce(d.datacl, acldefault('d', d.datdba))) AS g WHERE d.datname = current_database()";

pub const QUERIES: [&str; 10] = [
    SCHEMAS,
    SCHEMA_GRANTS,
    EXTENSIONS,
    DEFAULT_GRANTS,
    EVENT_TRIGGERS,
    PUBLICATIONS,
    FOREIGN_SERVERS,
    DESCRIBED,
    LABELS,
    DATABASE,
];

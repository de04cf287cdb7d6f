// fill.js: the gate's tables, with the given keys and so many customers, each with a subscription and what they use.
import { createHash } from "node:crypto";

const TABLES = `
  CREATE TABLE api_keys (id text PRIMARY KEY, secret_hash text UNIQUE, scopes text[], revoked_at timestamptz);
  CREATE TABLE plan_features (plan text, feature text, type text, enabled boolean, feature_limit integer,
                              PRIMARY KEY (plan, feature));
  CREATE TABLE subscriptions (customer_id text PRIMARY KEY, plan text, status text, current_period_end timestamptz);
  CREATE TABLE tier_usage_tracking (customer_id text, feature text, used integer, PRIMARY KEY (customer_id, feature));
  INSERT INTO plan_features VALUES
    ('starter', 'clients', 'limit', true, 9), ('starter', 'analytics', 'flag', false, NULL),
    ('professional', 'clients', 'limit', true, 20), ('professional', 'analytics', 'flag', true, NULL);`;

export async function fill(database, keys, customers) {
  await database.query(TABLES);
  const hashes = keys.map((key) => createHash("sha256").update(key).digest("hex"));
  await database.query(
    `INSERT INTO api_keys SELECT 'key_' || n, hash, '{customer_read,entitlement_check}'
     FROM unnest($1::text[]) WITH ORDINALITY AS given (hash, n)`,
    [hashes],
  );
  await database.query(
    `INSERT INTO subscriptions SELECT 'customer_' || n, CASE WHEN n % 2 = 0 THEN 'starter' ELSE 'professional' END,
     'active', now() + interval '1 month' FROM generate_series(0, $1::int - 1) AS n`,
    [customers],
  );
  await database.query(
    "INSERT INTO tier_usage_tracking SELECT 'customer_' || n, 'clients', n % 9 FROM generate_series(0, $1::int - 1) AS n",
    [customers],
  );
  await database.query("ANALYZE");
}

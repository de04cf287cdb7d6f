// gate.js: GET /api/v1/entitlements/:feature as S1 and S3 build it. DATABASE_URL, REDIS_URL; prints "ready PORT".
import { createHash } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import Redis from "ioredis";
import pg from "pg";
import { fill } from "./fill.js";

const CACHED_SECONDS = 300;
const database = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 });
const cache = new Redis(process.env.REDIS_URL);

async function loadKey(hash) {
  const found = await database.query({
    name: "key",
    text: "SELECT id, scopes FROM api_keys WHERE secret_hash = $1 AND revoked_at IS NULL",
    values: [hash],
  });
  if (found.rowCount === 0) return null;
  await cache.set(`key:${hash}`, JSON.stringify(found.rows[0]), "EX", CACHED_SECONDS);
  return found.rows[0];
}

async function loadEntitlements(customer) {
  const found = await database.query({
    name: "entitlements",
    text: `SELECT f.feature, f.type, f.enabled, f.feature_limit, s.status
           FROM subscriptions s JOIN plan_features f ON f.plan = s.plan WHERE s.customer_id = $1`,
    values: [customer],
  });
  const features = {};
  for (const row of found.rows)
    features[row.feature] = { type: row.type, enabled: row.enabled, limit: row.feature_limit, status: row.status };
  await cache.set(`entitlements:${customer}`, JSON.stringify(features), "EX", CACHED_SECONDS);
  return features;
}

async function usedOf(customer, feature) {
  const found = await database.query({
    name: "usage",
    text: "SELECT used FROM tier_usage_tracking WHERE customer_id = $1 AND feature = $2",
    values: [customer, feature],
  });
  return found.rows[0]?.used ?? 0;
}

const app = new Hono();
app.get("/api/v1/entitlements/:feature", async (c) => {
  const credential = (c.req.header("Authorization") ?? "").replace(/^Bearer /, "");
  const customer = c.req.header("Billhook-Customer") ?? "";
  const hash = createHash("sha256").update(credential).digest("hex");
  const [cachedKey, cachedEntitlements] = await cache.mget(`key:${hash}`, `entitlements:${customer}`);
  const key = cachedKey ? JSON.parse(cachedKey) : await loadKey(hash);
  if (!key) return c.json({ code: "unknown_key" }, 401);
  if (!key.scopes.includes("entitlement_check")) return c.json({ code: "insufficient_scope" }, 403);
  const features = cachedEntitlements ? JSON.parse(cachedEntitlements) : await loadEntitlements(customer);
  const code = c.req.param("feature");
  const feature = features[code];
  if (!feature) return c.json({ code: "unknown_feature" }, 404);
  const live = feature.status === "active" || feature.status === "trialing";
  const used = feature.type === "limit" ? await usedOf(customer, code) : null;
  const allowed = feature.enabled && live && (feature.limit === null || used < feature.limit);
  return c.json({
    type: feature.type,
    allowed,
    reason: allowed ? "plan" : "limit_reached",
    limit: feature.limit,
    used,
    remaining: feature.limit === null ? null : Math.max(0, feature.limit - used),
    resets_at: null,
    feature: code,
    customer,
    stale: false,
  });
});

await fill(database, JSON.parse(process.env.GATE_KEYS), Number(process.env.GATE_CUSTOMERS));
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, (address) => console.log(`ready ${address.port}`));

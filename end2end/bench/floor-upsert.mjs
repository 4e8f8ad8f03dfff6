/**
 * The floor's one statement, written for whatever columns `products` has: `INSERT … SELECT … ON CONFLICT DO UPDATE`.
 * Every row is written again, changed or not; that is what an upsert without a condition does.
 */

const COMMON = {
  sku: () => 'sku',
  sku_key: () => 'lower(sku)',
  name: () => 'name',
  description: () => 'description',
  version: () => '1',
  created_at: (kind, type) => now(kind, type),
  updated_at: (kind, type) => now(kind, type),
};

const VALUES = {
  sqlite: { ...COMMON, price_minor: () => 'CAST(round(price * 100) AS INTEGER)', active: () => "active = 'true'" },
  postgres: { ...COMMON, price_minor: () => 'round(price::numeric * 100)::bigint', active: () => 'active::boolean' },
};

/** Where the rows come from: on both engines the last row of a SKU wins. */
const SOURCE = {
  // Rows come in the order of the file, and each repeats the conflict's update.
  sqlite: (list) => `SELECT ${list} FROM stage WHERE true ORDER BY rowid`,
  // One row twice in a statement is an error here, so the last one is chosen first.
  postgres: (list) => `SELECT DISTINCT ON (lower(sku)) ${list} FROM stage ORDER BY lower(sku), row_no DESC`,
};

export function upsertStatement(kind, columns) {
  const given = columns.map((column) => [column.name, valueOf(kind, column)]).filter(([, value]) => value !== null);
  const names = given.map(([name]) => name).join(', ');
  const values = given.map(([, value]) => value).join(', ');
  return `INSERT INTO products (${names})\n${SOURCE[kind](values)}\nON CONFLICT (sku_key) DO UPDATE SET ${assignments(given)};\n`;
}

function assignments(given) {
  const kept = ['sku_key', 'created_at', 'version'];
  const replaced = given.filter(([name]) => !kept.includes(name)).map(([name]) => `${name} = excluded.${name}`);
  return [...replaced, 'version = products.version + 1'].join(', ');
}

/** What goes into a column, or null to leave it to its default. */
function valueOf(kind, { name, type, required }) {
  const known = VALUES[kind][name];
  if (known) return known(kind, type);
  return required ? emptyValue(type) : null;
}

function emptyValue(type) {
  if (type.includes('json')) return "'{}'";
  if (type.includes('bool')) return 'false';
  return /int|num|real|double/.test(type) ? '0' : "''";
}

function now(kind, type) {
  const number = type.includes('int');
  if (kind === 'postgres') return number ? '(extract(epoch FROM now()) * 1000)::bigint' : 'now()';
  return number ? "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)" : "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
}

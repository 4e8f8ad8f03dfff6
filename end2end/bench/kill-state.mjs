/** All that a shop holds, in figures and checksums that two servers can be compared by. Ids and times are none of it: they may differ. */

import { columns } from './schema.mjs';

const EXPORT = '/api/v1/products/export?format=csv';
const COUNTERS = ['status', 'total', 'processed', 'read', 'created', 'updated', 'unchanged', 'failed', 'superseded', 'percent', 'check'];
/** Pages of the changes that a check has planned, at these shares of them. */
const PLACES = [0, 0.25, 0.5, 0.75, 0.999];

/** `{ job, planned, problems, products, history, totals, exported }` after the job `id`. */
export async function wholeState({ database, server: { client } }, id) {
  const job = await client.job(id);
  const counters = Object.fromEntries(COUNTERS.map((name) => [name, job[name]]));
  return {
    job: counters,
    planned: job.status === 'awaiting_confirmation' ? await plannedChanges(client, id, job.created + job.updated) : [],
    problems: await database.digest(`SELECT row_no, kind, column_name, value FROM import_problems WHERE import_id = ${id} ORDER BY 1, 2, 3, 4`),
    products: await database.digest(await productsSql(database)),
    history: await database.digest(await historySql(database)),
    totals: await database.rows(TOTALS),
    exported: await client.checksum(EXPORT),
  };
}

/** Which parts differ, and how. */
export function unlike(expected, found) {
  return Object.keys(expected).flatMap((part) => {
    const [one, other] = [expected[part], found[part]].map((value) => JSON.stringify(value));
    return one === other ? [] : [`${part}: ${other} instead of ${one}`];
  });
}

async function plannedChanges(client, id, all) {
  const pages = PLACES.map((share) => client.json(`/api/v1/imports/${id}/changes?size=100&after=${Math.floor(all * share)}`));
  return (await Promise.all(pages)).flatMap(({ items }) => items.map(({ sku, row, kind, fields }) => ({ sku, row, kind, fields })));
}

async function productsSql(database) {
  const own = await columnsBut(database, 'products', ['id', 'catalog_id', 'parent_id', 'created_at', 'updated_at', 'deleted_at']);
  return `SELECT ${own.map((name) => `p.${name}`).join(', ')}, c.name AS catalogue, o.sku AS parent, p.deleted_at IS NOT NULL AS deleted
    FROM products p LEFT JOIN catalogs c ON c.id = p.catalog_id LEFT JOIN products o ON o.id = p.parent_id ORDER BY p.sku_key`;
}

async function historySql(database) {
  const own = await columnsBut(database, 'changes', ['id', 'product_id', 'made_at', 'fields']);
  return `SELECT p.sku_key, ${FIELDS[database.kind]}, ${own.map((name) => `h.${name}`).join(', ')}
    FROM changes h JOIN products p ON p.id = h.product_id ORDER BY p.sku_key, h.version, h.kind`;
}

/** The names of a table's columns but for some. */
export async function columnsBut(database, table, others) {
  const all = await columns(database, table);
  return all.map(({ name }) => name).filter((name) => !others.includes(name));
}

/** When a product was deleted is a time; that it was is said by the kind of the change. */
const FIELDS = { sqlite: "json_remove(h.fields, '$.deleted_at')", postgres: "h.fields - 'deleted_at'" };

// How far the index of words is says nothing of what an import has done.
export const TOTALS = `SELECT name, value FROM counters WHERE name NOT LIKE 'searchable%'
  UNION ALL SELECT name, product_count FROM catalogs ORDER BY name`;

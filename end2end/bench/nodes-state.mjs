/**
 * All that several nodes have made of many imports, in figures and checksums. Ids and times are none of it, nor is the order in which imports
 * that share products have come: that may differ, and what they come to may not.
 */

import { columnsBut, TOTALS } from './kill-state.mjs';

const EXPORT = '/api/v1/products/export?format=csv&columns=sku,name,description,price,active&sort=sku';
const COUNTERS = ['status', 'total', 'read_rows', 'created', 'updated', 'unchanged', 'failed', 'superseded', 'percent'];

/** `{ imports, problems, products, history, totals, exported }`. Imports are known by the names of their files. */
export async function stateOfAll(database, client) {
  return {
    imports: await database.rows(`SELECT file_name, ${COUNTERS.join(', ')} FROM imports ORDER BY file_name`),
    problems: await database.digest(PROBLEMS),
    products: await database.digest(await productsSql(database)),
    history: await database.digest(await historySql(database)),
    totals: await database.rows(TOTALS),
    exported: await client.checksum(EXPORT),
  };
}

const PROBLEMS = `SELECT i.file_name, p.row_no, p.kind, p.column_name, p.value
  FROM import_problems p JOIN imports i ON i.id = p.import_id ORDER BY 1, 2, 3, 4, 5`;

async function productsSql(database) {
  const others = ['id', 'catalog_id', 'parent_id', 'created_at', 'updated_at', 'deleted_at', 'created_import_id'];
  const own = await columnsBut(database, 'products', others);
  return `SELECT ${own.map((name) => `p.${name}`).join(', ')}, c.name AS catalogue, i.file_name AS came_with, p.deleted_at IS NOT NULL AS deleted
    FROM products p LEFT JOIN catalogs c ON c.id = p.catalog_id LEFT JOIN imports i ON i.id = p.created_import_id ORDER BY p.sku_key`;
}

/** Each change once, whichever version of its product it has made. */
async function historySql(database) {
  const own = await columnsBut(database, 'changes', ['id', 'product_id', 'import_id', 'version', 'made_at', 'fields']);
  return `SELECT p.sku_key, i.file_name, h.fields, ${own.map((name) => `h.${name}`).join(', ')}
    FROM changes h JOIN products p ON p.id = h.product_id LEFT JOIN imports i ON i.id = h.import_id ORDER BY p.sku_key, i.file_name, h.kind`;
}

/** Imports as they are this moment, by their ids: what of each changes while it is worked on, as one text. */
export async function signsOfWork(database) {
  const sql = 'SELECT id, status, lease_token, place, read_rows, created + updated + unchanged AS done FROM imports ORDER BY id';
  const rows = await database.rows(sql);
  return new Map(rows.map((row) => [row.id, { status: row.status, sign: JSON.stringify(row) }]));
}

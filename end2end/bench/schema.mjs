/**
 * The table `products` as the migrations make it, and what is in it. The floor is measured on a migrated database, so it can
 * never have other columns or indexes than Stockroom has.
 */

/** Takes off what the floor does not pay for: triggers, and references to other tables. */
export async function leaveOnlyTheTable(database) {
  if (database.kind === 'postgres') return database.script(PG_UNTIE);
  const triggers = await database.rows("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'products'");
  return database.script(triggers.map(({ name }) => `DROP TRIGGER "${name}";\n`).join(''));
}

/** Leaves the primary key and the unique `sku_key`. */
export async function leaveKeyIndexes(database) {
  const others = await database.rows(OTHER_INDEXES[database.kind]);
  return database.script(others.map(({ name }) => `DROP INDEX "${name}";\n`).join(''));
}

/** Names of all indexes of the table, in order. */
export async function indexNames(database) {
  const found = await database.rows(INDEXES[database.kind]);
  return found.map(({ name }) => name);
}

/** `{ name, type, required }` of each column; one is required when a row without it is refused. */
export async function columns(database, table = 'products') {
  const found = await database.rows(COLUMNS[database.kind](table));
  return found.map(({ name, type, required }) => ({ name, type: type.toLowerCase(), required: Boolean(required) }));
}

export async function countProducts(database) {
  const [{ products }] = await database.rows('SELECT count(*) AS products FROM products');
  return products;
}

export async function sumOfPrices(database) {
  const [{ prices }] = await database.rows('SELECT sum(price_minor) AS prices FROM products');
  return prices;
}

const PG_UNTIE = `DO $$
DECLARE item record;
BEGIN
  FOR item IN SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'products'::regclass LOOP
    EXECUTE format('ALTER TABLE products DROP CONSTRAINT %I', item.conname);
  END LOOP;
  FOR item IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'products'::regclass AND NOT tgisinternal LOOP
    EXECUTE format('DROP TRIGGER %I ON products', item.tgname);
  END LOOP;
END $$;
`;

const INDEXES = {
  sqlite: "SELECT name FROM pragma_index_list('products') ORDER BY name",
  postgres: "SELECT indexname AS name FROM pg_indexes WHERE tablename = 'products' ORDER BY indexname",
};

const OTHER_INDEXES = {
  sqlite: `SELECT list.name AS name FROM pragma_index_list('products') AS list
    WHERE list.origin = 'c'
      AND NOT (list."unique" AND (SELECT group_concat(name) FROM pragma_index_info(list.name)) IS 'sku_key')`,
  postgres: `SELECT class.relname AS name FROM pg_index JOIN pg_class AS class ON class.oid = indexrelid
    WHERE indrelid = 'products'::regclass AND NOT indisprimary
      AND NOT (indisunique AND pg_get_indexdef(indexrelid) LIKE '%(sku_key)%')`,
};

const COLUMNS = {
  sqlite: (table) =>
    `SELECT name, type, "notnull" AND dflt_value IS NULL AND NOT pk AS required FROM pragma_table_info('${table}') ORDER BY cid`,
  postgres: (table) => `SELECT column_name AS name, data_type AS type,
      is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AS required
    FROM information_schema.columns WHERE table_name = '${table}' AND table_schema = 'public' ORDER BY ordinal_position`,
};

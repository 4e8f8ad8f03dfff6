/** Every page in every state that it can be in: empty, filled, with an error; for those who look at all of them. */

import { fileURLToPath } from 'node:url';

import type { Page } from '@playwright/test';

import { csv, PICTURE } from '../server/files.ts';
import type { Shop, Stock } from '../server/shop.ts';
import { awake } from './awake.ts';
import { expect, type ShopOptions } from './fixtures.ts';
import { applyButton, send, signIn, untilChecked } from './steps.ts';

interface PageState {
  name: string;
  stock: Stock;
  signedIn?: boolean;
  open(page: Page, shop: Shop): Promise<void>;
  /** What has to be done once the script is awake. */
  then?(page: Page, shop: Shop): Promise<void>;
}

const THEMES = ['light', 'dark'] as const;
const WIDTHS = [1280, 320] as const;

const at = (path: string) => async (page: Page) => {
  await page.goto(path);
};

const theImport = (outcome: 'finished' | 'withProblems' | 'failed' | 'cancelled') => async (page: Page, shop: Shop) => {
  await page.goto(`/imports/${shop.outcomes?.[outcome]}`);
};

const STATES: PageState[] = [
  { name: 'sign-in', stock: 'empty', signedIn: false, open: at('/login') },
  { name: 'sign-in refused', stock: 'empty', signedIn: false, open: signInWrongly },
  { name: 'set-up', stock: 'unopened', signedIn: false, open: (page, shop) => at(shop.announcement)(page) },
  { name: 'set-up without its code', stock: 'unopened', signedIn: false, open: at('/setup') },
  { name: 'set-up refused', stock: 'unopened', signedIn: false, open: setUpWrongly },
  { name: 'dashboard', stock: 'stocked', open: at('/') },
  { name: 'dashboard of an empty shop', stock: 'empty', open: at('/') },
  { name: 'products', stock: 'stocked', open: at('/products') },
  { name: 'products with its menus open', stock: 'stocked', open: at('/products?size=25'), then: openMenus },
  { name: 'products filtered', stock: 'stocked', open: at('/products?q=mug&sku=m&status=inactive&catalogue=2&sort=-price&size=25') },
  { name: 'products without a match', stock: 'stocked', open: at('/products?q=zeppelin') },
  { name: 'products with an error', stock: 'stocked', open: at('/products?q=mug&size=1000') },
  { name: 'products being exported', stock: 'stocked', open: at('/products?sku=mug-00'), then: exportSlowly },
  { name: 'products of a shop with many catalogues', stock: 'crowded', open: openCrowded },
  { name: 'new product in a shop with many catalogues', stock: 'crowded', open: at('/products/new') },
  { name: 'products of an empty shop', stock: 'empty', open: at('/products') },
  { name: 'product over the table', stock: 'stocked', open: at('/products?sku=MUG-00'), then: openDialog },
  { name: 'new product over the table', stock: 'stocked', open: at('/products?sku=MUG-00'), then: openNewDialog },
  { name: 'shortcuts', stock: 'stocked', open: at('/products'), then: askForShortcuts },
  { name: 'menu', stock: 'empty', open: at('/imports'), then: openMenu },
  { name: 'product', stock: 'stocked', open: openProduct },
  { name: 'product refused', stock: 'stocked', open: changeWrongly },
  { name: 'product that somebody else has changed', stock: 'busy', open: changeTogether },
  { name: 'product with pictures', stock: 'busy', open: openIllustrated },
  { name: 'product in the bin', stock: 'busy', open: openBin },
  { name: 'new product', stock: 'stocked', open: at('/products/new') },
  { name: 'new product refused', stock: 'stocked', open: addNothing },
  { name: 'catalogues', stock: 'stocked', open: at('/catalogues') },
  { name: 'catalogues of an empty shop', stock: 'empty', open: at('/catalogues') },
  { name: 'catalogues of a shop with many', stock: 'crowded', open: at('/catalogues') },
  { name: 'catalogues refused', stock: 'stocked', open: addNamelessCatalogue },
  { name: 'catalogue', stock: 'stocked', open: at('/catalogues/1') },
  { name: 'catalogue refused', stock: 'stocked', open: renameWrongly },
  { name: 'catalogue that is not there', stock: 'stocked', open: at('/catalogues/999999') },
  { name: 'product that is not there', stock: 'stocked', open: at('/products/999999') },
  { name: 'imports', stock: 'stocked', open: at('/imports') },
  { name: 'imports of an empty shop', stock: 'empty', open: at('/imports') },
  { name: 'imports with an error', stock: 'stocked', open: at('/imports?size=1000') },
  { name: 'new import', stock: 'stocked', open: at('/imports/new') },
  { name: 'new import refused', stock: 'stocked', open: importPicture },
  { name: 'import to be matched', stock: 'stocked', open: sendUnknown },
  { name: 'import of a workbook to be matched', stock: 'stocked', open: sendWorkbook },
  { name: 'import matched wrongly', stock: 'stocked', open: matchNothing },
  { name: 'import checked', stock: 'stocked', open: checkDamaged },
  { name: 'import checked without the number', stock: 'stocked', open: applyUnconfirmed },
  { name: 'import running', stock: 'busy', open: openRunning, then: pause },
  { name: 'import with a question', stock: 'busy', open: openRunning, then: askToCancel },
  { name: 'import finished', stock: 'stocked', open: theImport('finished') },
  { name: 'import with problems', stock: 'stocked', open: theImport('withProblems') },
  { name: 'rows to be corrected', stock: 'stocked', open: openCorrections },
  { name: 'rows corrected wrongly', stock: 'stocked', open: correctWrongly, then: openMenus },
  { name: 'rows too many to be corrected', stock: 'busy', open: openTooMany },
  { name: 'rows that cannot be corrected', stock: 'stocked', open: (page, shop) => at(`/imports/${shop.outcomes?.failed}/correct`)(page) },
  { name: 'import failed', stock: 'stocked', open: theImport('failed') },
  { name: 'import cancelled', stock: 'stocked', open: theImport('cancelled') },
  { name: 'import that is not there', stock: 'stocked', open: at('/imports/999999') },
  { name: 'deletion to be confirmed', stock: 'stocked', open: planDeletion },
  { name: 'deletion to be confirmed twice', stock: 'stocked', open: confirmDeletion },
  { name: 'deletion confirmed wrongly', stock: 'stocked', open: confirmWrongly },
  { name: 'deletion finished', stock: 'busy', open: deleteSome },
  { name: 'undo to be confirmed', stock: 'busy', open: planUndo },
  { name: 'catalogue with a choice', stock: 'stocked', open: chooseForProducts },
  { name: 'settings', stock: 'stocked', open: at('/settings') },
  { name: 'settings refused', stock: 'stocked', open: refuseSettings },
  { name: 'users', stock: 'busy', open: at('/settings/users') },
  { name: 'users with an invitation', stock: 'busy', open: invite, then: openMenus },
  { name: 'users refused', stock: 'busy', open: inviteNobody },
  { name: 'users, for a viewer', stock: 'busy', open: lookWhereViewersMayNot },
  { name: 'API keys', stock: 'stocked', open: at('/settings/api-keys') },
  { name: 'API keys with a new one', stock: 'busy', open: createKey },
  { name: 'API keys refused', stock: 'busy', open: createNamelessKey },
  { name: 'audit log', stock: 'stocked', open: at('/audit') },
  { name: 'audit log without a match', stock: 'stocked', open: at('/audit?who=nobody') },
  { name: 'audit log with an error', stock: 'stocked', open: at('/audit?from=yesterday') },
  { name: 'monitoring', stock: 'stocked', open: at('/monitoring'), then: openMenus },
  { name: 'monitoring of an empty shop', stock: 'empty', open: at('/monitoring') },
  { name: 'invitation', stock: 'busy', open: openInvitation },
  { name: 'invitation that is over', stock: 'stocked', open: at('/invite?token=used') },
  { name: 'webhooks', stock: 'stocked', open: at('/webhooks') },
  { name: 'webhooks of an empty shop', stock: 'empty', open: at('/webhooks') },
  { name: 'new webhook', stock: 'stocked', open: at('/webhooks/new') },
  { name: 'new webhook refused', stock: 'stocked', open: addWebhookNowhere },
  { name: 'webhook', stock: 'stocked', open: (page, shop) => at(`/webhooks/${shop.hooks?.working}`)(page), then: openMenus },
  { name: 'webhook tested', stock: 'stocked', open: testWebhook },
  { name: 'webhook disabled', stock: 'stocked', open: (page, shop) => at(`/webhooks/${shop.hooks?.disabled}`)(page) },
  { name: 'webhook refused', stock: 'stocked', open: changeWebhookWrongly },
  { name: 'webhook that is not there', stock: 'stocked', open: at('/webhooks/999999') },
  { name: 'deliveries', stock: 'stocked', open: (page, shop) => at(`/webhooks/${shop.hooks?.working}/deliveries`)(page) },
  { name: 'deliveries without a match', stock: 'stocked', open: (page, shop) => at(`/webhooks/${shop.hooks?.working}/deliveries?q=zeppelin`)(page) },
  { name: 'deliveries with an error', stock: 'stocked', open: (page, shop) => at(`/webhooks/${shop.hooks?.working}/deliveries?from=yesterday`)(page) },
  { name: 'delivery', stock: 'stocked', open: openDelivery },
  { name: 'delivery that is not there', stock: 'stocked', open: at('/deliveries/999999') },
  { name: 'sending again', stock: 'stocked', open: (page, shop) => at(`/webhooks/${shop.hooks?.disabled}/replay`)(page) },
  { name: 'schedules', stock: 'busy', open: openSchedules },
  { name: 'schedules of an empty shop', stock: 'empty', open: at('/imports/schedules') },
  { name: 'new schedule', stock: 'stocked', open: at('/imports/schedules/new') },
  { name: 'new schedule refused', stock: 'stocked', open: addScheduleNowhere },
  { name: 'schedule', stock: 'busy', open: openSchedule, then: openMenus },
  { name: 'schedule refused', stock: 'busy', open: changeScheduleWrongly },
  { name: 'schedule that is not there', stock: 'stocked', open: at('/imports/schedules/999999') },
  { name: 'page not found', stock: 'stocked', open: at('/nowhere') },
];

/** One page in one state, theme and width. */
export interface View {
  title: string;
  /** For `test.use`. */
  circumstances: Circumstances;
  /** Opens the page and waits until its script is awake. */
  open(page: Page, shop: Shop): Promise<void>;
}

type Circumstances = Pick<ShopOptions, 'stock' | 'signedIn'> & {
  theme: (typeof THEMES)[number];
  colorScheme: (typeof THEMES)[number];
  viewport: { width: number; height: number };
};

export function everyView(): View[] {
  return THEMES.flatMap((theme) => WIDTHS.flatMap((width) => STATES.map((state) => view(state, theme, width))));
}

function view(state: PageState, theme: (typeof THEMES)[number], width: (typeof WIDTHS)[number]): View {
  const viewport = { width, height: width === 320 ? 640 : 800 };
  return {
    title: `${state.name}, ${theme}, ${width} px wide`,
    circumstances: { stock: state.stock, signedIn: state.signedIn ?? true, theme, colorScheme: theme, viewport },
    open: async (page, shop) => {
      await state.open(page, shop);
      await awake(page);
      await state.then?.(page, shop);
    },
  };
}

async function signInWrongly(page: Page): Promise<void> {
  await page.goto('/login');
  // Of nobody in particular: an account is closed for a while after five wrong passwords.
  await signIn(page, 'not the password', `nobody-${Math.random()}@shop.example`);
  await expect(page).toHaveTitle(/^Error: /);
}

async function setUpWrongly(page: Page, shop: Shop): Promise<void> {
  await page.goto(shop.announcement);
  await page.getByLabel('Email address').fill('ana');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create administrator account' }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

async function openMenu(page: Page): Promise<void> {
  const menu = page.getByText('Menu', { exact: true });
  if (await menu.isVisible()) await menu.click();
}

async function openProduct(page: Page, shop: Shop): Promise<void> {
  const { id } = await shop.rest.productCalled('MUG-004');
  await page.goto(`/products/${id}`);
}

async function changeWrongly(page: Page, shop: Shop): Promise<void> {
  await openProduct(page, shop);
  await page.getByLabel('Name', { exact: true }).fill('');
  await page.getByLabel('SKU').fill('');
  await page.getByLabel('Price').fill('much');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

/** Everything is different in the shop by the time that somebody saves. */
async function changeTogether(page: Page, shop: Shop): Promise<void> {
  const sku = `BOTH-${Math.random()}`;
  await shop.rest.import(csv('ours.csv', [`${sku},Vase,,10.00,true,`]));
  const { id } = await shop.rest.productCalled(sku);
  await page.goto(`/products/${id}`);
  await shop.rest.import(csv('theirs.csv', [`${sku},Tall vase,Theirs,24.00,false,Glass`]));
  await page.getByLabel('Description').fill('Mine');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('region', { name: 'What differs' })).toContainText('Theirs');
}

async function openDialog(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'MUG-004', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Product' }).getByLabel('SKU')).toHaveValue('MUG-004');
}

async function openNewDialog(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Add product' }).click();
  await expect(page.getByRole('dialog', { name: 'Product' }).getByLabel('SKU')).toHaveValue('');
}

async function askForShortcuts(page: Page): Promise<void> {
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
}

async function exportSlowly(page: Page): Promise<void> {
  await page.route('**/exports/*', (route) => route.fulfill({ json: { rows: 125_000, total: 500_000, done: false } }));
  await page.getByRole('link', { name: 'Export (Excel)' }).click();
  await expect(page.getByRole('progressbar', { name: 'Progress of the export' })).toHaveAttribute('value', '25');
}

async function openCrowded(page: Page, shop: Shop): Promise<void> {
  await shop.rest.import({ name: 'shelved.csv', text: 'sku,name,catalogue\nSHELVED-1,Book,Shelf 240\n' });
  await page.goto('/products?catalogue_name=Shelf+240');
}

async function addNothing(page: Page): Promise<void> {
  await page.goto('/products/new');
  await page.getByRole('button', { name: 'Add product' }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

async function openBin(page: Page, shop: Shop): Promise<void> {
  const { id } = await shop.rest.productInTheBin();
  await page.goto(`/products/${id}`);
}

async function openMenus(page: Page): Promise<void> {
  await page.locator('main details > summary').evaluateAll((all) => all.slice(0, 8).forEach((one) => (one as HTMLElement).click()));
}

async function addWebhookNowhere(page: Page): Promise<void> {
  await page.goto('/webhooks/new');
  await page.getByLabel('Address').fill('ftp://example.com');
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

async function addScheduleNowhere(page: Page): Promise<void> {
  await page.goto('/imports/schedules/new');
  await page.getByLabel('Name').fill('Supplier');
  await page.getByLabel('Address').fill('ftp://example.com');
  await page.getByRole('button', { name: 'Add schedule' }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

async function changeWebhookWrongly(page: Page, shop: Shop): Promise<void> {
  await page.goto(`/webhooks/${shop.hooks?.disabled}`);
  await page.getByRole('textbox', { name: 'Address' }).fill('ftp://example.com');
  for (const event of await page.getByRole('checkbox', { name: /^(product|import)\./ }).all()) await event.uncheck();
  await page.getByText('Headers, pace and order').click();
  await page.getByLabel('Additional headers').fill('no header');
  await page.getByLabel('Calls in a second, at most').fill('0');
  await page.getByLabel('Calls at the same time, at most').fill('0');
  await page.getByLabel('Seconds until a call is given up').fill('31');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

async function changeScheduleWrongly(page: Page, shop: Shop): Promise<void> {
  const id = await shop.rest.addSchedule(`Supplier ${Math.random()}`, 'http://127.0.0.1:65500/prices.csv');
  await page.goto(`/imports/schedules/${id}`);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('');
  await page.getByRole('textbox', { name: 'Address' }).fill('ftp://example.com');
  await page.getByRole('radio', { name: 'On chosen days' }).check();
  await page.getByRole('checkbox', { name: 'Sunday' }).uncheck();
  await page.getByLabel('Rows with problems up to which').fill('101');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

/** Its last run has failed: nobody listens there. */
async function openSchedule(page: Page, shop: Shop): Promise<void> {
  const id = await shop.rest.addSchedule(`Supplier ${Math.random()}`, 'http://127.0.0.1:65500/prices.csv');
  await shop.rest.runSchedule(id);
  await expect(async () => {
    await page.goto(`/imports/schedules/${id}`);
    await expect(page.getByRole('table', { name: 'Runs' })).toContainText('Failed', { timeout: 500 });
  }).toPass();
}

async function openSchedules(page: Page, shop: Shop): Promise<void> {
  await openSchedule(page, shop);
  await page.goto('/imports/schedules');
}

async function testWebhook(page: Page, shop: Shop): Promise<void> {
  await page.goto(`/webhooks/${shop.hooks?.failing}`);
  await page.getByRole('button', { name: 'Send test event' }).click();
  await expect(page.getByText(/ in \d+ ms$/)).toBeVisible();
}

async function openDelivery(page: Page, shop: Shop): Promise<void> {
  await page.goto(`/webhooks/${shop.hooks?.working}/deliveries`);
  await page.getByRole('link', { name: /product\.created/ }).first().click();
  await expect(page.getByRole('region', { name: 'Attempts' })).toBeVisible();
}

async function planDeletion(page: Page): Promise<void> {
  await page.goto('/products?sku=pot');
  await page.getByRole('radio', { name: /that match/ }).check();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await expect(page).toHaveTitle(/^Review: /);
}

async function confirmDeletion(page: Page): Promise<void> {
  await planDeletion(page);
  await page.getByRole('link', { name: 'Continue' }).click();
  await expect(page.getByLabel('Number of products')).toBeVisible();
}

async function confirmWrongly(page: Page): Promise<void> {
  await confirmDeletion(page);
  await page.getByLabel('Number of products').fill('7');
  await page.getByRole('button', { name: /^Delete \d+ products$/ }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toBeVisible();
}

async function deleteSome(page: Page, shop: Shop): Promise<void> {
  const sku = `GONE-${Math.random()}`;
  await shop.rest.import({ name: 'gone.csv', text: `sku,name\n${sku}-1,Vase\n${sku}-2,Bowl\n` });
  const id = await shop.rest.deleteAll(sku);
  await page.goto(`/imports/${id}`);
}

async function planUndo(page: Page, shop: Shop): Promise<void> {
  await deleteSome(page, shop);
  await page.getByRole('button', { name: 'Undo deletion…' }).click();
  await expect(page).toHaveTitle(/^Review: /);
}

async function chooseForProducts(page: Page): Promise<void> {
  await page.goto('/catalogues/1');
  await page.getByText('Delete this catalogue…').click();
}

async function addNamelessCatalogue(page: Page): Promise<void> {
  await page.goto('/catalogues');
  await page.getByRole('button', { name: 'Add catalogue' }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

async function renameWrongly(page: Page): Promise<void> {
  await page.goto('/catalogues/1');
  await page.getByRole('textbox', { name: 'Name' }).fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

async function refuseSettings(page: Page): Promise<void> {
  await page.goto('/settings');
  await page.getByLabel('Currency').fill('JPY');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

async function invite(page: Page): Promise<void> {
  await page.goto('/settings/users');
  await page.getByRole('textbox', { name: 'Email address' }).fill(`${Math.random()}@shop.example`);
  await page.getByRole('button', { name: 'Invite user' }).click();
  await expect(page.getByLabel('Link', { exact: true })).toBeVisible();
}

async function inviteNobody(page: Page): Promise<void> {
  await page.goto('/settings/users');
  await page.getByRole('button', { name: 'Invite user' }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

/** Somebody is invited, joins in the same browser, and goes where only administrators may look. */
async function lookWhereViewersMayNot(page: Page): Promise<void> {
  await page.goto('/settings/users');
  await page.getByRole('textbox', { name: 'Email address' }).fill(`${Math.random()}@shop.example`);
  await page.getByLabel('Role').last().selectOption('viewer');
  await page.getByRole('button', { name: 'Invite user' }).click();
  const link = await page.getByLabel('Link', { exact: true }).inputValue();
  await page.context().clearCookies({ name: 'stockroom' });
  await page.goto(link);
  await page.getByLabel('Password').fill('blue enamel mug');
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('heading', { name: 'Dashboard', level: 1 })).toBeVisible();
  await page.goto('/settings/users');
  await expect(page.getByRole('region', { name: 'Not allowed' })).toBeVisible();
}

async function createKey(page: Page): Promise<void> {
  await page.goto('/settings/api-keys');
  await page.getByRole('textbox', { name: 'Name' }).fill('Till in the shop');
  await page.getByLabel('Valid for days').fill('90');
  await page.getByRole('button', { name: 'Create API key' }).click();
  await expect(page.getByLabel('API key', { exact: true })).toBeVisible();
}

async function createNamelessKey(page: Page): Promise<void> {
  await page.goto('/settings/api-keys');
  await page.getByRole('button', { name: 'Create API key' }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

async function openInvitation(page: Page): Promise<void> {
  await invite(page);
  await page.goto(await page.getByLabel('Link', { exact: true }).inputValue());
  await expect(page.getByRole('heading', { name: 'Join Stockroom' })).toBeVisible();
}

async function importPicture(page: Page): Promise<void> {
  await page.goto('/imports/new');
  await page.getByLabel('Choose file').setInputFiles({ name: 'photo.csv', mimeType: 'text/csv', buffer: PICTURE });
  await page.getByRole('button', { name: 'Check file' }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

const UNKNOWN = csv('unbekannt.csv', ['U-1,Vase,1.50', 'U-2,Bowl,2.50'], 'Nr,Was,Preisliste');
const DAMAGED = csv('damaged.csv', ['6.93217E+12,GrÃ¶ÃŸe,"1,50",Attic', '1-Mar,=1+1,2.50,', 'D-3,Cup,no price,'], 'sku,name,price,catalogue');

async function sendUnknown(page: Page): Promise<void> {
  await send(page, UNKNOWN);
  await expect(page.getByRole('table', { name: 'Columns' })).toBeVisible();
}

async function sendWorkbook(page: Page): Promise<void> {
  await page.goto('/imports/new');
  await page.getByLabel('Choose file').setInputFiles(fileURLToPath(new URL('files/supplier.xlsx', import.meta.url)));
  await page.getByRole('button', { name: 'Check file' }).click();
  await expect(page.getByLabel('Sheet')).toBeVisible();
}

/** One picture is there, and one cannot be had. */
async function openIllustrated(page: Page, shop: Shop): Promise<void> {
  const address = 'https://pictures.example/mug.jpg';
  const row = `ILLUSTRATED,Mug in three colours,Blue glaze,12.00,true,,Acme,Dishwasher-safe up to 60 °C,${address}`;
  const columns = 'sku,name,description,price,active,catalogue,Brand,Care,images';
  await shop.rest.import(csv('pictures.csv', [row], columns), 'products', { other_columns: 'keep' });
  const { id } = await shop.rest.productCalled('ILLUSTRATED');
  await page.goto(`/products/${id}`);
  await expect(page.getByRole('region', { name: 'Pictures' })).toContainText(address);
}

async function matchNothing(page: Page): Promise<void> {
  await sendUnknown(page);
  await page.getByRole('button', { name: 'Check file' }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toBeVisible();
}

async function checkDamaged(page: Page): Promise<void> {
  await send(page, DAMAGED);
  await untilChecked(page);
}

async function applyUnconfirmed(page: Page): Promise<void> {
  await checkDamaged(page);
  await applyButton(page).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toBeVisible();
}

async function openRunning(page: Page, shop: Shop): Promise<void> {
  const id = await shop.beginLongImport();
  await page.goto(`/imports/${id}`);
}

/** The server stands still, so that the import stays as it is for as long as somebody looks. */
async function pause(page: Page, shop: Shop): Promise<void> {
  await expect(page.getByRole('region', { name: 'Progress' })).toContainText(/^Importing — [1-9]/, { timeout: 30_000 });
  shop.pause();
}

async function askToCancel(page: Page, shop: Shop): Promise<void> {
  await pause(page, shop);
  await page.getByRole('button', { name: 'Cancel import' }).click();
  await expect(page.getByRole('dialog', { name: 'Stop this import?' })).toBeVisible();
}

async function openCorrections(page: Page, shop: Shop): Promise<void> {
  await page.goto(`/imports/${shop.outcomes?.withProblems}/correct`);
  await expect(page.getByRole('group', { name: 'Row 3', exact: true })).toBeVisible();
}

async function correctWrongly(page: Page, shop: Shop): Promise<void> {
  await openCorrections(page, shop);
  await page.getByRole('button', { name: 'Check corrections' }).click();
  await expect(page).toHaveTitle(/^Error: /);
}

async function openTooMany(page: Page, shop: Shop): Promise<void> {
  const lines = Array.from({ length: 101 }, (_, row) => `MANY-${row},Vase,,much,yes,`);
  const id = await shop.rest.import(csv('much.csv', lines));
  await page.goto(`/imports/${id}/correct`);
}

/**
 * The rows of the reference file. Each row is a function of its number alone: the file of two million rows begins with the
 * file of half a million, and nothing has to be remembered to know which SKU a row repeats.
 */

import { generator, pick, randomAt } from './random.mjs';

export const HEADER = 'sku,name,description,price,active\n';

const SEED = 20261120;
const REPEATS = 0.02;
const WITH_COMMA = 0.2;
const WITH_LINE_BREAK = 0.05;
const WITH_QUOTE = 0.03;
const WITH_NON_ASCII = 0.03;
const ACTIVE = 0.9;
const HIGHEST_PRICE = 999_999;
const RARE = 1 / 50_000;

/** Words that the page benchmark looks for. */
export const FREQUENT_WORD = 'steel';
export const RARE_WORD = 'quetzal';
export const ABSENT_WORD = 'xylotomous';

export const GROUPS = [
  'LAMP', 'DESK', 'CHAR', 'VASE', 'BOLT', 'HING', 'PIPE', 'TAPE', 'HOSE', 'GLUE', 'SAWB', 'DRIL', 'NAIL', 'SHLF', 'RUGS', 'BENC',
];
const MATERIALS = ['Oak', 'Steel', 'Brass', 'Linen', 'Walnut', 'Glass', 'Copper', 'Ash', 'Rubber', 'Ceramic', 'Wool', 'Slate'];
const LOOKS = ['Brushed', 'Matt', 'Heavy', 'Slim', 'Folding', 'Classic', 'Polished', 'Outdoor', 'Compact', 'Long', 'Round', 'Plain'];
const THINGS = [
  'Desk Lamp', 'Side Table', 'Dining Chair', 'Tall Vase', 'Hex Bolt', 'Door Hinge', 'Water Pipe', 'Cloth Tape', 'Garden Hose',
  'Wood Glue', 'Saw Blade', 'Drill Bit', 'Wire Nail', 'Wall Shelf', 'Floor Rug', 'Work Bench',
];
const WORDS = [
  'made', 'for', 'daily', 'use', 'in', 'shops', 'and', 'at', 'home', 'with', 'a', 'clean', 'finish', 'that', 'keeps', 'its', 'shape',
  'after', 'years', 'of', 'work', 'steel', 'frame', 'solid', 'core', 'easy', 'to', 'fit', 'packed', 'flat', 'spare', 'parts', 'are',
  'kept', 'by', 'the', 'maker', 'tested', 'under', 'load', 'safe', 'indoors', 'wipe', 'dry', 'cloth', 'supplied', 'without', 'screws',
];
const FOREIGN = ['Küche', 'façade', 'smörgås', 'żółty', 'Größe', 'naïve', '北欧', 'кабель', 'Ångström', '½ inch', '20 °C', 'piñata'];

/** Whether a row repeats the SKU of an earlier one. The first never does. */
export function isRepeat(row) {
  return row > 0 && randomAt(SEED, row, 1) < REPEATS;
}

/** The SKU of a row: its own, or that of an earlier row in other letters. */
export function skuOf(row) {
  return isRepeat(row) ? ownSku(repeatedBy(row)).toLowerCase() : ownSku(row);
}

/** One record with its line end. `repriced` gives the same row with another price, never the same one. */
export function recordOf(row, repriced = false) {
  const random = generator(Math.floor(randomAt(SEED, row, 3) * 2 ** 32));
  const name = nameOf(random);
  const description = descriptionOf(random, row);
  const price = priceOf(random, repriced);
  const active = random() < ACTIVE;
  return `${skuOf(row)},${name},${cell(description)},${price},${active}\n`;
}

/** Numbers are scattered, as in a file that was put together from many sources: neighbours in it are not neighbours in an index. */
function ownSku(row) {
  const number = String((row * 7_368_787 + 1_234_567) % 10_000_000).padStart(7, '0');
  const group = GROUPS[Math.floor(randomAt(SEED, row, 2) * GROUPS.length)];
  return `${group}-${number}-${LETTERS[row % LETTERS.length]}`;
}

const LETTERS = ['A', 'B', 'C', 'K', 'X'];

function repeatedBy(row) {
  let earlier = Math.floor(randomAt(SEED, row, 4) * row);
  while (isRepeat(earlier)) earlier -= 1;
  return earlier;
}

function nameOf(random) {
  const size = 10 + Math.floor(random() * 990);
  return `${pick(random, LOOKS)} ${pick(random, MATERIALS)} ${pick(random, THINGS)} ${size}`;
}

function descriptionOf(random, row) {
  const words = sentence(random, 90 + random() * 64);
  if (random() < WITH_NON_ASCII) words.splice(2, 0, pick(random, FOREIGN));
  if (random() < WITH_QUOTE) words.splice(3, 0, '12" wide');
  if (randomAt(SEED, row, 5) < RARE) words.splice(4, 0, RARE_WORD);
  if (random() < WITH_COMMA) words[5] += ',';
  if (random() < WITH_LINE_BREAK) words[7] += '\n';
  return words.join(' ');
}

function sentence(random, length) {
  const words = [pick(random, THINGS)];
  for (let size = words[0].length; size < length || words.length < 9; size += words.at(-1).length + 1) words.push(pick(random, WORDS));
  return words;
}

function priceOf(random, repriced) {
  const first = Math.floor(random() * HIGHEST_PRICE);
  const minor = (repriced ? (first + 12_345) % HIGHEST_PRICE : first) + 1;
  return `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`;
}

function cell(text) {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

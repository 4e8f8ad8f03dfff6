/** Files to import, made when they are needed. */

import type { UploadedFile } from './rest.ts';

const HEADER = 'sku,name,description,price,active,catalogue';

/** A CSV file from its lines, under the columns that Stockroom knows. */
export function csv(name: string, lines: string[], header = HEADER): UploadedFile {
  return { name, text: [header, ...lines, ''].join('\r\n') };
}

/** 128 products of two catalogues; every fourth is inactive. Their SKUs sort as their numbers do. */
export function stock(): UploadedFile {
  const lines = Array.from({ length: 128 }, (_, index) => product(index + 1));
  return csv('spring stock.csv', lines);
}

function product(number: number): string {
  const digits = String(number).padStart(3, '0');
  const [prefix, thing, catalogue] = number <= 80 ? ['MUG', 'Enamel mug', 'Kitchen'] : ['POT', 'Clay pot', 'Garden'];
  const colour = number % 3 === 0 ? 'blue' : 'white';
  const description = `"${thing}, ${colour}. Fired twice, and packed by hand."`;
  return `${prefix}-${digits},${thing} ${colour} ${number},${description},${number}.50,${number % 4 !== 0},${catalogue}`;
}

/** `Shelf 001` to `Shelf 240`. */
export function manyCatalogues(): UploadedFile {
  const names = Array.from({ length: 240 }, (_, index) => `Shelf ${String(index + 1).padStart(3, '0')}`);
  return csv('catalogues.csv', names, 'name');
}

/** Six rows: three good ones, one that a later row replaces, two that cannot be used. */
export function mixedFile(prefix: string): UploadedFile {
  return csv('summer prices.csv', [
    `${prefix}-1,Desk lamp,"Warm, dimmable",39.90,yes,Lighting`,
    `${prefix}-2,Floor lamp,,twelve,yes,Lighting`,
    ',Lamp without a number,,10.00,yes,Lighting',
    `${prefix.toLowerCase()}-3,Wall lamp,,25.00,yes,Lighting`,
    `${prefix}-3,Wall lamp in brass,,29.00,no,Lighting`,
    `${prefix}-4,"Lamp with ""quotes""",,19.00,1,Lighting`,
  ]);
}

/** Rows enough for an import to be watched while it runs. */
export function longFile(rows: number, prefix: string, description = ''): UploadedFile {
  const line = (index: number) => `${prefix}-${index},Product number ${index},"${description}",${(index % 9000) + 1}.00,true,`;
  return csv('whole catalogue.csv', Array.from({ length: rows }, (_, index) => line(index + 1)));
}

/** Takes its time, too, but at whatever moment it is cancelled, the shop is as it was: its rows say what is there already. */
export function repetitiveFile(rows: number): UploadedFile {
  return csv('the same again.csv', Array.from({ length: rows }, (_, index) => product((index % 128) + 1)));
}

/** A quotation mark that is never closed swallows the rest; the import of such a file fails once it has read too much. */
export function unreadableFile(): UploadedFile {
  const rest = Array.from({ length: 60_000 }, (_, index) => `BAD-${index},Product that nobody will see,,1.00,true,`);
  return csv('torn file.csv', ['"BAD,Product', ...rest]);
}

/** A picture, whatever its name says. */
export const PICTURE = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(64, 7)]);

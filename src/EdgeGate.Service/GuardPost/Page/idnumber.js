// Says while somebody types what is wrong with an ID number (GB 11643, check digit by ISO 7064 MOD 11-2). The gate checks again.

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK = '10X98765432';

/** Digits and a last X, whatever way they were typed or scanned. */
export const tidy = text => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();

/** @returns a word of words.js, or null when the number can be somebody's */
export function fault(text) {
  const number = tidy(text);
  if (!/^\d{0,17}[\dX]?$/.test(number))
    return 'numberLetters';
  if (number.length < 18)
    return 'numberShort';
  const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)].map(Number);
  const born = new Date(Date.UTC(year, month - 1, day));
  if (born.getUTCMonth() !== month - 1 || born.getUTCDate() !== day || year < 1881 || born > new Date())
    return 'numberDate';
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(number[at]), 0);
  return CHECK[sum % 11] === number[17] ? null : 'numberCheck';
}

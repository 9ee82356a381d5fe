// A visitor's pass on the screen, to be printed or held to the scanner at once.

import { button, closeSheet, h, openSheet } from '/guard/dom.js';
import { say } from '/guard/words.js';

const SVG = 'http://www.w3.org/2000/svg';

export function showPass({ rows, id, name, unit, from, until }) {
  openSheet(h('div.pass', {}, h('h1', { id: 'sheet-title' }, say('passTitle')), drawn(rows),
    h('b', {}, [name, unit].filter(Boolean).join(' · ')), h('span', {}, `${say('passFrom', from)} · ${say('passUntil', until)}`), h('small', {}, say('passNote', id))),
  h('div.choices.no-print', {}, button('main', say('print'), () => print()), h('button.wide', { type: 'button', onclick: closeSheet }, say('back'))));
}

/** @param rows of 0 and 1, 1 for dark */
function drawn(rows) {
  const picture = document.createElementNS(SVG, 'svg');
  picture.setAttribute('viewBox', `0 0 ${rows.length} ${rows.length}`);
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', say('pass'));
  picture.setAttribute('shape-rendering', 'crispEdges');
  const dark = document.createElementNS(SVG, 'path');
  dark.setAttribute('d', rows.flatMap((row, y) => [...row].map((bit, x) => bit === '1' ? `M${x} ${y}h1v1h-1z` : '')).join(''));
  picture.append(dark);
  return picture;
}

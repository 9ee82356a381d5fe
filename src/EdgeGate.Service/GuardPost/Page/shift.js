// Hand-over: who is on duty, what still waits, notes for the next shift, and the day in numbers.

import { get, post } from '/guard/api.js';
import { button, closeSheet, h, openSheet, setText, toast } from '/guard/dom.js';
import { attempt } from '/guard/live.js';
import { newId, sendOrKeep } from '/guard/outbox.js';
import { say } from '/guard/words.js';

const SVG = 'http://www.w3.org/2000/svg';
const NUMBERS = ['denied', 'fever', 'guardCases', 'letPassByGuards', 'openedByGuards', 'vouched', 'visitorsInside'];

export class ShiftView {
  #onDuty = h('p');
  #open = h('p');
  #notes = h('ul.list');
  #day = h('section');

  constructor(session) {
    const text = h('textarea', { id: 'note-text', maxlength: '1000' });
    let form = newId();
    this.element = h('div', {}, h('h1', {}, say('shift')),
      h('h2', {}, say('onDuty')), this.#onDuty, this.#open,
      session.role === 'guard' ? null : h('div.row.no-print', {}, button('', say('correctCount'), () => this.#correct())),
      h('h2', {}, say('notes')),
      h('div.no-print', {}, h('label', { for: 'note-text' }, say('newNote')), text,
        button('main.wide', say('keepNote'), async () => {
          if (!text.value.trim()) {
            text.focus();
            return;
          }
          await attempt(async () => {
            const sent = await sendOrKeep('note', { form, text: text.value.trim() }, whole => ({ ...whole, enteredAt: new Date().toISOString() }));
            toast(sent ? say('done') : say('kept'));
            text.value = '';
            form = newId();
            if (sent)
              await this.#load();
          });
        })),
      this.#notes, this.#day);
  }

  enter() {
    this.#load();
  }

  hear(picture) {
    setText(this.#onDuty, picture.onDuty.join(' · '));
    setText(this.#open, say('openCases', picture.lanes.filter(lane => lane.waiting).length));
  }

  async #load() {
    await attempt(async () => {
      const { notes, today } = await get('shift');
      this.#notes.replaceChildren(...notes.map(note => h('li', {}, h('span.grow', {}, note.text, h('small', {}, `${note.by} · ${note.at}`)))));
      this.#day.replaceChildren(
        h('h2', {}, `${say('theDay')} ${today.day}`),
        h('p.soft', {}, h('span.key.in'), `${say('entry')} ${total(today.in)}　`, h('span.key.out'), `${say('exit')} ${total(today.out)}`),
        chart(today),
        h('table', {}, h('tbody', {}, ...NUMBERS.map(name => h('tr', {}, h('td', {}, say(name)), h('td', {}, String(today[name])))))),
        h('div.row.no-print', {}, button('', say('print'), () => print()), csv()));
    });
  }

  #correct() {
    const inside = h('input', { id: 'count', type: 'number', min: '0', max: '100000', inputmode: 'numeric', required: true });
    openSheet(h('form', {
      onsubmit: async event => {
        event.preventDefault();
        if (await attempt(() => post('count', { inside: Number(inside.value) }))) {
          toast(say('done'));
          closeSheet();
        }
      },
    }, h('h1', { id: 'sheet-title' }, say('correctCount')), h('label', { for: 'count' }, say('insideNow')), inside, h('button.main.wide', { type: 'submit' }, say('send'))),
    h('div.choices', {}, h('button.wide', { type: 'button', onclick: closeSheet }, say('cancel'))));
    inside.focus();
  }
}

const total = hours => hours.reduce((sum, count) => sum + count, 0);

function csv() {
  const link = h('a.button', { href: '/guard/api/day.csv', download: '' }, 'CSV');
  return link;
}

function svg(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes))
    element.setAttribute(name, value);
  if (text !== undefined)
    element.textContent = text;
  return element;
}

/** Passages by the hour: two bars each, in and out. */
function chart(day) {
  const [width, height, foot] = [384, 150, 20];
  const most = Math.max(4, ...day.in, ...day.out);
  const y = count => (height - foot) * (1 - count / most);
  const picture = svg('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${say('byHour')}: ${say('entry')} ${total(day.in)}, ${say('exit')} ${total(day.out)}` });
  for (const line of [0, Math.ceil(most / 2), most]) {
    picture.append(svg('line', { x1: 0, x2: width, y1: y(line), y2: y(line) }));
    if (line > 0)
      picture.append(svg('text', { x: width, y: y(line) + 11, 'text-anchor': 'end' }, line));
  }
  for (let hour = 0; hour < 24; hour++) {
    picture.append(svg('rect', { class: 'in', x: hour * 16 + 1, width: 6, y: y(day.in[hour]), height: height - foot - y(day.in[hour]) }));
    picture.append(svg('rect', { class: 'out', x: hour * 16 + 8, width: 6, y: y(day.out[hour]), height: height - foot - y(day.out[hour]) }));
    if (hour % 3 === 0)
      picture.append(svg('text', { x: hour * 16, y: height - 5 }, hour));
  }
  return picture;
}

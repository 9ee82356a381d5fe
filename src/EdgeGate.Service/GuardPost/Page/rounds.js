// Rounds: scan the code at a place, choose what was done there. Overdue places stand first.

import { get } from '/guard/api.js';
import { CodeCamera } from '/guard/camera.js';
import { button, closeSheet, codeField, h, openSheet, toast } from '/guard/dom.js';
import { attempt } from '/guard/live.js';
import { newId, sendOrKeep } from '/guard/outbox.js';
import { say } from '/guard/words.js';

const TASKS = ['patrol', 'disinfection'];
const LOOK_EVERY_MS = 30_000;

export class RoundsView {
  #duties = [];
  #list = h('ul.list');
  #code = codeField('place', say('placeHint'), code => this.#choose(code));
  #camera;
  #looking = 0;

  constructor(session) {
    this.#camera = new CodeCamera(session.cameraModule, code => this.#choose(code));
    this.element = h('div', {}, h('h1', {}, say('rounds')), this.#code.element, this.#camera.element, h('h2', {}, say('places')), this.#list);
  }

  enter() {
    this.#code.focus();
    this.#load();
    this.#looking = setInterval(() => this.#load(), LOOK_EVERY_MS);
  }

  leave() {
    clearInterval(this.#looking);
    this.#camera.stop();
  }

  async #load() {
    await attempt(async () => {
      this.#duties = (await get('rounds')).duties;
      const asked = this.#duties.filter(duty => duty.last || duty.isOverdue || duty.dueIn !== undefined);
      this.#list.replaceChildren(...asked.map(duty => h('li', {},
        h('span.grow', {}, `${duty.name} · ${say(duty.task)}`,
          h('small', {}, [duty.building ? say('ofBuilding', duty.building) : null, duty.last ? `${duty.last} ${duty.by}` : say('never')].filter(Boolean).join(' · '))),
        h(duty.isOverdue ? 'b.due.over' : 'span.due', {}, dueIn(duty)))));
    });
  }

  /** Also without the list, in a cellar without network: the gate knows the place by its code. */
  #choose(code) {
    const id = code.replace(/^EGR1:[^/]*\//i, '').toLowerCase();
    const place = this.#duties.find(duty => duty.place === id);
    if (this.#duties.length > 0 && !place) {
      toast(say('unknown-place'));
      return;
    }
    this.#camera.stop();
    const note = h('input', { id: 'note', maxlength: '200', autocomplete: 'off' });
    const form = newId(); // one for this sheet: pressed twice, or sent again, it is one round
    openSheet(h('h1', { id: 'sheet-title' }, place?.name ?? id), h('p.soft', {}, say('whatWasDone')),
      h('div.choices', {}, ...TASKS.map(task => button('main', say(task), () => this.#done({ form, place: code, task, note: note.value.trim() || undefined })))),
      h('label', { for: 'note' }, say('note')), note,
      h('div.choices', {}, h('button.wide', { type: 'button', onclick: closeSheet }, say('cancel'))));
  }

  async #done(form) {
    await attempt(async () => {
      const sent = await sendOrKeep('round', form, whole => ({ ...whole, enteredAt: new Date().toISOString() }));
      toast(sent ? say('done') : say('kept'));
      closeSheet();
      this.#code.focus();
      if (sent)
        await this.#load();
    });
  }
}

function dueIn({ dueIn: minutes, isOverdue }) {
  if (minutes === undefined)
    return isOverdue ? say('overdue') : '';
  const span = Math.abs(minutes) < 120 ? say('inMinutes', Math.abs(minutes)) : say('inHours', Math.round(Math.abs(minutes) / 60));
  return say(isOverdue ? 'overdueBy' : 'dueIn', span);
}

// The hand-over area: what came, where it stands, and when it may be collected.

import { get } from '/guard/api.js';
import { button, closeSheet, h, openSheet, setText, toast } from '/guard/dom.js';
import { attempt } from '/guard/live.js';
import { newId, sendOrKeep } from '/guard/outbox.js';
import { say } from '/guard/words.js';

const LOOK_EVERY_MS = 10_000;
const STATES = { announced: 'deliveryAnnounced', arrived: 'deliveryArrived', disinfected: 'standing', collected: 'collected', withdrawn: 'withdrawn' };
const NEXT = { announced: ['arrived', 'arrived'], arrived: ['disinfected', 'disinfected'], disinfected: ['collected', 'collect'] }; // state → [next state, words of the button]

export class DeliveriesView {
  #buildings;
  #open = h('ul.list');
  #over = h('ul.list');
  #overTitle = h('h2', { hidden: true }, say('lately'));
  #standing = []; // { line, button, until }: what counts down
  #looking = 0;
  #ticking = 0;
  #building = null;

  constructor(session) {
    this.#buildings = session.deliveries;
    this.element = h('div', {}, h('h1', {}, say('deliveries')),
      h('div.row', {}, button('main', say('deliveryHere'), () => this.#enter(false)), button('', say('deliveryComes'), () => this.#enter(true))),
      this.#open, this.#overTitle, this.#over);
  }

  enter() {
    this.#load();
    this.#looking = setInterval(() => this.#load(), LOOK_EVERY_MS);
    this.#ticking = setInterval(() => this.#tick(), 1000);
  }

  leave() {
    clearInterval(this.#looking);
    clearInterval(this.#ticking);
  }

  async #load() {
    await attempt(async () => {
      const { deliveries } = await get('deliveries');
      this.#standing = [];
      const open = deliveries.filter(delivery => delivery.state in NEXT);
      const over = deliveries.filter(delivery => !(delivery.state in NEXT)).slice(0, 10);
      this.#open.replaceChildren(...open.map(delivery => this.#row(delivery)));
      if (open.length === 0)
        this.#open.replaceChildren(h('li.soft', {}, say('nothingHere')));
      this.#overTitle.hidden = over.length === 0;
      this.#over.replaceChildren(...over.map(delivery => h('li', {}, about(delivery, h('span', {}, say(STATES[delivery.state]))))));
      this.#tick();
    });
  }

  #row(delivery) {
    const [next, words] = NEXT[delivery.state];
    const says = h('span', {}, say(STATES[delivery.state]));
    const go = button('main', say(words), () => this.#step(delivery, next));
    if (delivery.standsFor !== undefined)
      this.#standing.push({ says, go, until: performance.now() + delivery.standsFor * 1000 });
    return h('li.tall', {}, about(delivery, says), go, button('', say(delivery.state === 'announced' ? 'crossOff' : 'sendBack'), () => this.#confirmBack(delivery)));
  }

  #tick() {
    for (const { says, go, until } of this.#standing) {
      const left = Math.max(0, Math.ceil((until - performance.now()) / 1000));
      setText(says, left > 0 ? say('standsFor', Math.floor(left / 60), String(left % 60).padStart(2, '0')) : say('ready'));
      go.hidden = left > 0;
    }
  }

  #confirmBack(delivery) {
    openSheet(h('h1', { id: 'sheet-title' }, say(delivery.state === 'announced' ? 'crossOff' : 'sendBack')), h('p.soft', {}, `${say('ofBuilding', delivery.building)} · ${delivery.unit}`),
      h('div.choices', {}, button('stop', say('send'), async () => {
        await this.#step(delivery, 'withdrawn');
        closeSheet();
      }), h('button.wide', { type: 'button', onclick: closeSheet }, say('cancel'))));
  }

  async #step(delivery, state) {
    await attempt(async () => {
      const sent = await sendOrKeep('delivery-step', { form: newId(), delivery: delivery.id, state }, late);
      toast(sent ? say('done') : say('kept'));
      if (sent)
        await this.#load();
    });
  }

  #enter(announced) {
    const unit = h('input', { id: 'unit', autocomplete: 'off', maxlength: '32', required: true });
    const phone = h('input', { id: 'phone', type: 'tel', inputmode: 'tel', autocomplete: 'off', maxlength: '20' });
    const form = newId(); // one for this sheet: pressed twice, or sent again, it is one delivery
    this.#building ??= this.#buildings[0];
    const pick = this.#buildings.map(building => h('button', { type: 'button', 'aria-pressed': String(building === this.#building), onclick: event => {
      this.#building = building;
      for (const other of pick)
        other.setAttribute('aria-pressed', String(other === event.currentTarget));
    } }, building));
    openSheet(h('form', {
      onsubmit: async event => {
        event.preventDefault();
        await attempt(async () => {
          const sent = await sendOrKeep('delivery', { form, building: this.#building, unit: unit.value.trim(), phone: phone.value.trim() || undefined, announced }, late);
          closeSheet();
          toast(sent ? say('done') : say('kept'));
          if (sent)
            await this.#load();
        });
      },
    },
    h('h1', { id: 'sheet-title' }, say(announced ? 'deliveryComes' : 'deliveryHere')),
    h('div.pick', { role: 'group', 'aria-label': say('building') }, ...pick),
    h('label', { for: 'unit' }, say('forUnit')), unit,
    h('label', { for: 'phone' }, say('courierPhone')), phone,
    h('button.main.wide', { type: 'submit' }, say('send'))),
    h('div.choices', {}, h('button.wide', { type: 'button', onclick: closeSheet }, say('cancel'))));
    unit.focus();
  }
}

const late = whole => ({ ...whole, enteredAt: new Date().toISOString() });

const about = ({ building, slot, unit, phone, at, what, name }, says) => h('span.grow', {},
  h('b', {}, slot === undefined ? say('ofBuilding', building) : say('slot', building, slot)), ` · ${unit}`,
  h('small', {}, says, [null, what && say(what), name, phone, at].filter(part => part !== undefined).join(' · ')));

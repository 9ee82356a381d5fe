// Asks the gate. Everything that changes something carries the session's form token, which no other site's page can know.

const ANSWER_WITHIN_MS = 10_000;
let formToken = null;
let signedOut = () => { };

export class Failure extends Error {
  /** @param word one that words.js has a sentence for */
  constructor(word, details = {}) {
    super(word);
    this.word = word;
    this.details = details;
  }
}

export const setFormToken = token => { formToken = token; };
export const onSignedOut = handler => { signedOut = handler; };

/** The gate's answer as an object; null when it has none. Throws Failure. */
export async function ask(method, what, form) {
  let answer;
  try {
    answer = await fetch('/guard/api/' + what, {
      method,
      headers: { ...(form && { 'Content-Type': 'application/json' }), ...(formToken && method !== 'GET' && { 'X-Form-Token': formToken }) },
      body: form && JSON.stringify(form),
      cache: 'no-store',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  } catch {
    throw new Failure('offline');
  }
  if (answer.status === 204)
    return null;
  let said = null;
  try {
    said = await answer.json();
  } catch { /* not from the gate's own hand */ }
  if (answer.ok)
    return said;
  if (answer.status === 401 && said?.error === 'signed-out')
    signedOut();
  throw new Failure(said?.error ?? 'failed', said ?? {});
}

export const get = what => ask('GET', what);
export const post = (what, form = {}) => ask('POST', what, form);

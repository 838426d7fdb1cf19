// The storefront: asks the API of the same address, and keeps nothing itself. The session is a cookie that no script can read.

const API = '/api';
/** An order in one of these states will not change any more. */
const SETTLED = new Set(['paid', 'completed', 'rejected', 'cancelled']);
const POLL_MS = 1000;
const POLLS = 30;
const PICTURES = ['keyboard', 'mouse', 'monitor', 'headphones', 'lamp', 'notebook', 'cable', 'chair', 'mug'];

const find = selector => document.querySelector(selector);
let nextPage = null;
let query = '';

class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `the server answered ${status}`);
    this.status = status;
  }
}

async function api(method, path, body, headers = {}) {
  const response = await fetch(API + path, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(response.status, answer);
  return answer;
}

function say(text, isError = false) {
  const message = find('#message');
  message.textContent = text;
  message.classList.toggle('error', isError);
}

/** Runs what a click asked for, and tells when it went wrong. */
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    say(error instanceof ApiError ? error.message : 'The shop cannot be reached just now.', true);
  }
}

function price(cents, currency) {
  if (cents === null) return '';
  return new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(cents / 100);
}

function pictureOf(product) {
  const name = product.name.toLowerCase();
  return `/images/${PICTURES.find(picture => name.includes(picture)) ?? 'parcel'}.svg`;
}

function cardOf(product) {
  const card = find('#product-card').content.cloneNode(true);
  card.querySelector('img').src = pictureOf(product);
  card.querySelector('h3').textContent = product.name;
  card.querySelector('.description').textContent = product.description;
  card.querySelector('.price').textContent = price(product.priceCents, product.currency);
  const button = card.querySelector('button');
  button.disabled = product.available === 0;
  button.textContent = button.disabled ? 'Sold out' : 'Buy';
  button.setAttribute('aria-label', `${button.textContent}: ${product.name}`);
  button.addEventListener('click', () => attempt(() => buy(product, button)));
  return card;
}

async function showProducts(after) {
  const search = new URLSearchParams();
  if (query) search.set('q', query);
  if (after !== null) search.set('after', after);
  const page = await api('GET', `/products?${search}`);
  const list = find('#product-list');
  if (after === null) list.replaceChildren();
  list.append(...page.items.map(cardOf));
  nextPage = page.next;
  find('#more').hidden = nextPage === null;
  if (page.items.length === 0) say('Nothing of that kind here.');
}

async function buy(product, button) {
  if (find('#customer').hidden) {
    say('Please log in first.', true);
    find('#password').focus();
    return;
  }
  button.disabled = true;
  try {
    // One key for one tap: a repeated request finds the same order instead of placing a second one.
    const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), byte =>
      byte.toString(16).padStart(2, '0'),
    );
    const order = await api(
      'POST',
      '/orders',
      { items: [{ productId: product.id, quantity: 1 }] },
      { 'idempotency-key': key.join('') },
    );
    say(`${product.name}: ${order.state}.`);
    await follow(order);
  } finally {
    button.disabled = false;
  }
}

/** Asks after an order until it is settled. */
async function follow(order) {
  let current = order;
  for (let poll = 0; poll < POLLS && !SETTLED.has(current.state); poll++) {
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
    current = await api('GET', `/orders/${order.id}`);
    say(`Your order: ${current.state}.`);
  }
  if (current.reason) say(`Your order: ${current.state} (${current.reason}).`, true);
  await showOrders();
}

async function showOrders() {
  const { items } = await api('GET', '/orders');
  const lines = items.slice(0, 5).map(order => {
    const line = document.createElement('li');
    const what = order.items
      .map(item => `${item.quantity} × ${item.name ?? `product ${item.productId}`}`)
      .join(', ');
    line.textContent = [what, price(order.totalCents, order.currency), order.state]
      .filter(Boolean)
      .join(', ');
    return line;
  });
  find('#order-list').replaceChildren(...lines);
  find('#orders').hidden = lines.length === 0;
}

async function showCustomer(session) {
  find('#login').hidden = session !== null;
  find('#customer').hidden = session === null;
  find('#customer-name').textContent = session?.customer.name ?? '';
  if (session === null) find('#orders').hidden = true;
  else await showOrders();
}

async function currentSession() {
  try {
    return await api('GET', '/sessions/current');
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

find('#search').addEventListener('submit', event => {
  event.preventDefault();
  query = find('#query').value.trim();
  say('');
  attempt(() => showProducts(null));
});
find('#more').addEventListener('click', () => attempt(() => showProducts(nextPage)));
find('#login').addEventListener('submit', event => {
  event.preventDefault();
  attempt(async () => {
    const session = await api('POST', '/sessions', {
      email: find('#email').value,
      password: find('#password').value,
    });
    find('#password').value = '';
    say(`Hello, ${session.customer.name}.`);
    await showCustomer(session);
  });
});
find('#logout').addEventListener('click', () =>
  attempt(async () => {
    await api('DELETE', '/sessions/current');
    say('');
    await showCustomer(null);
  }),
);

attempt(async () => {
  await showProducts(null);
  await showCustomer(await currentSession());
});

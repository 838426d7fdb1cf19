-- Up Migration
create table orders.orders (
  id uuid primary key,
  -- No foreign key: customers belong to another module, which may move to a database of its own.
  customer_id uuid not null,
  state text not null,
  reason text,
  total_cents integer check (total_cents >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  created_at timestamptz not null
);

-- For a customer's orders, newest first, page by page.
create index orders_by_customer on orders.orders (customer_id, created_at desc, id desc);

create table orders.order_items (
  order_id uuid not null references orders.orders on delete cascade,
  position integer not null,
  product_id integer not null,
  -- As they were when the order was placed; the product may change.
  name text,
  quantity integer not null check (quantity > 0),
  price_cents integer check (price_cents >= 0),
  primary key (order_id, position)
);

create table orders.idempotency_keys (
  customer_id uuid not null,
  key text not null,
  request_hash text not null,
  order_id uuid not null,
  created_at timestamptz not null default now(),
  -- Of two requests with the same key at the same time, this lets only one order.
  primary key (customer_id, key)
);

-- Down Migration
drop table orders.idempotency_keys;
drop table orders.order_items;
drop table orders.orders;

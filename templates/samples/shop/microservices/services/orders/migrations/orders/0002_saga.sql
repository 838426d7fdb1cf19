-- Up Migration
alter table orders.orders
  -- Where the receipt goes, as it was when the order was placed.
  add column email text,
  add column payment_method text,
  -- When it is taken back unless it is paid.
  add column deadline_at timestamptz;

create index orders_waiting on orders.orders (deadline_at) where state in ('placed', 'reserved');

-- What happened to each order, and when.
create table orders.order_events (
  id bigint primary key generated always as identity,
  order_id uuid not null references orders.orders on delete cascade,
  from_state text,
  to_state text not null,
  reason text,
  at timestamptz not null default now()
);

create index order_events_order on orders.order_events (order_id, id);

-- Down Migration
drop table orders.order_events;
drop index orders.orders_waiting;
alter table orders.orders drop column email, drop column payment_method, drop column deadline_at;

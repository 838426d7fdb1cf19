-- Up Migration

-- A message is sent because its row is committed, and committed together with the change that it tells of. One row per receiver.
create table messages.outbox (
  id uuid primary key,
  destination text not null,
  type text not null,
  subject text not null,
  -- The text that is signed and sent, byte for byte: as jsonb it would come back in another order.
  body text not null,
  traceparent text not null,
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  delivered_at timestamptz,
  parked_at timestamptz,
  last_error text
);

create index outbox_waiting on messages.outbox (next_at) where delivered_at is null and parked_at is null;
create index outbox_delivered on messages.outbox (delivered_at) where delivered_at is not null;

-- Messages come at least once; a row here, committed together with the effect, makes the effect happen once.
create table messages.inbox (
  id uuid primary key,
  type text not null,
  received_at timestamptz not null default now()
);

create index inbox_received on messages.inbox (received_at);

-- Down Migration

drop table messages.inbox;
drop table messages.outbox;

-- Up Migration

create table receipts.receipts (
  order_id uuid primary key,
  email text not null,
  order_data jsonb not null,
  created_at timestamptz not null default now(),
  sent_at timestamptz
);

-- Who works on the queue, by the name under which it locks jobs, and when it was last seen alive: see src/worker.ts.
create table receipts.workers (
  id text primary key,
  seen_at timestamptz not null default now()
);

-- Down Migration

drop table receipts.workers;
drop table receipts.receipts;

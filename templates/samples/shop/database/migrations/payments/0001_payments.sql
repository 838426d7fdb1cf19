-- Up Migration
create table payments.payments (
  -- No foreign key: orders belong to another module. As a primary key it lets no order be charged twice.
  order_id uuid primary key,
  amount_cents integer not null check (amount_cents >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  state text not null,
  provider_reference text,
  created_at timestamptz not null default now()
);

-- Down Migration
drop table payments.payments;

-- Up Migration
create table sessions.customers (
  id uuid primary key,
  email text not null unique check (email = lower(email)),
  name text not null,
  password_hash text not null,
  created_at timestamptz not null default now()
);

create table sessions.sessions (
  -- Not the token itself: who reads this table still cannot sign in as anyone.
  token_hash text primary key,
  customer_id uuid not null references sessions.customers on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

create index sessions_customer_id on sessions.sessions (customer_id, expires_at);

-- Down Migration
drop table sessions.sessions;
drop table sessions.customers;

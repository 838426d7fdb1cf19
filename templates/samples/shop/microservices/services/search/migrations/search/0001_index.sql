-- Up Migration

-- A copy, made to be searched: `npm run rebuild` fills it anew from those who own the data.
create table search.products (
  product_id integer primary key,
  version bigint not null,
  name text not null,
  description text not null,
  price_cents integer not null,
  currency text not null,
  available integer not null,
  words tsvector not null generated always as (to_tsvector('simple', name || ' ' || description)) stored
);

create index products_words on search.products using gin (words);

create table search.orders (
  order_id uuid primary key,
  customer_id uuid not null,
  items jsonb not null,
  total_cents integer not null,
  currency text not null,
  created_at timestamptz not null,
  words tsvector not null
);

create index orders_customer on search.orders (customer_id, created_at);

-- Down Migration

drop table search.orders;
drop table search.products;

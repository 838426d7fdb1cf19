-- Up Migration
create table products.reservations (
  order_id uuid primary key,
  -- `released` may come first: such a row is the tombstone that a late reservation finds.
  state text not null check (state in ('reserved', 'committed', 'released')),
  at timestamptz not null default now()
);

create table products.reserved_items (
  order_id uuid not null references products.reservations on delete cascade,
  product_id integer not null references products.products,
  quantity integer not null check (quantity > 0),
  primary key (order_id, product_id)
);

create index reserved_items_product on products.reserved_items (product_id);

-- Other services keep copies of products; by the version they tell new from old.
alter table products.products add column version bigint not null default 1;

-- Products whose last change nobody has been told of yet.
create table products.unpublished (
  product_id integer primary key,
  since timestamptz not null default now()
);

-- A trigger, so that no change can be forgotten, also one that a person makes in psql.
create function products.note_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then new.version := old.version + 1; end if;
  -- "do update" locks the row: nobody takes this change for told before it is committed.
  insert into products.unpublished (product_id) values (new.id)
    on conflict (product_id) do update set since = now();
  return new;
end $$;

create trigger note_change before insert or update on products.products
  for each row execute function products.note_change();

insert into products.unpublished (product_id) select id from products.products;

-- Down Migration
drop trigger note_change on products.products;
drop function products.note_change();
drop table products.unpublished;
alter table products.products drop column version;
drop table products.reserved_items;
drop table products.reservations;

-- Up Migration
alter table payments.payments
  -- A payment that was cancelled before anybody asked for it has neither.
  alter column amount_cents drop not null,
  alter column currency drop not null,
  add column payment_method text,
  add constraint state_is_known check (state in ('pending', 'captured', 'declined', 'cancelled'));

create index payments_pending on payments.payments (created_at) where state = 'pending';

-- Down Migration
drop index payments.payments_pending;
delete from payments.payments where amount_cents is null;
alter table payments.payments
  drop constraint state_is_known,
  drop column payment_method,
  alter column currency set not null,
  alter column amount_cents set not null;

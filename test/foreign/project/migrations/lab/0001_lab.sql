-- Up Migration
create table lab.instruments (
  id uuid primary key,
  name text not null,
  kind text not null check (kind in ('mass', 'length', 'temperature', 'pressure')),
  unit text not null
);

create table lab.engineers (
  id uuid primary key,
  "user" text not null unique check ("user" = lower("user")),
  name text not null,
  passphrase_hash text not null
);

create table lab.tokens (
  -- Who reads this table still has no token.
  token_hash text primary key,
  engineer_id uuid not null references lab.engineers on delete cascade,
  expires_at timestamptz not null
);

create index tokens_of_engineer on lab.tokens (engineer_id);

create table lab.calibrations (
  id uuid primary key,
  -- A reference keeps an instrument from going away meanwhile; it does not keep other writers waiting.
  instrument_id uuid not null references lab.instruments,
  engineer_id uuid not null references lab.engineers,
  serial bigint not null check (serial >= 0),
  note text not null,
  due_at timestamptz not null,
  status text not null default 'queued' check (status in ('queued', 'done')),
  queued_at timestamptz not null default now(),
  -- When the bench is through with it.
  ready_at timestamptz not null,
  finished_at timestamptz check ((finished_at is null) = (status = 'queued'))
);

create index calibrations_of_instrument on lab.calibrations (instrument_id, queued_at desc, id desc);

create index calibrations_by_engineer on lab.calibrations (engineer_id);

-- The queue: small, however many calibrations there have been.
create index calibrations_queued on lab.calibrations (ready_at) where status = 'queued';

create table lab.journal (
  id bigint primary key generated always as identity,
  calibration_id uuid not null references lab.calibrations,
  event text not null check (event in ('queued', 'done')),
  at timestamptz not null default now(),
  -- Nothing happens to a calibration twice.
  unique (calibration_id, event)
);

-- Down Migration
drop table lab.journal;
drop table lab.calibrations;
drop table lab.tokens;
drop table lab.engineers;
drop table lab.instruments;

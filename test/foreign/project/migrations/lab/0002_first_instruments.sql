-- Up Migration
insert into lab.instruments (id, name, kind, unit) values
  ('0b0e7c1e-5d0a-4c39-9a51-3f6f2f6b1a01', 'Balance, two pans', 'mass', 'g'),
  ('0b0e7c1e-5d0a-4c39-9a51-3f6f2f6b1a02', 'Balance, electronic', 'mass', 'mg'),
  ('0b0e7c1e-5d0a-4c39-9a51-3f6f2f6b1a03', 'Micrometer', 'length', 'µm'),
  ('0b0e7c1e-5d0a-4c39-9a51-3f6f2f6b1a04', 'Vernier caliper', 'length', 'mm'),
  ('0b0e7c1e-5d0a-4c39-9a51-3f6f2f6b1a05', 'Gauge blocks', 'length', 'mm'),
  ('0b0e7c1e-5d0a-4c39-9a51-3f6f2f6b1a06', 'Platinum thermometer', 'temperature', '°C'),
  ('0b0e7c1e-5d0a-4c39-9a51-3f6f2f6b1a07', 'Thermocouple, type K', 'temperature', '°C'),
  ('0b0e7c1e-5d0a-4c39-9a51-3f6f2f6b1a08', 'Barometer', 'pressure', 'hPa'),
  ('0b0e7c1e-5d0a-4c39-9a51-3f6f2f6b1a09', 'Manometer', 'pressure', 'kPa');

-- Down Migration
delete from lab.instruments where id::text like '0b0e7c1e-5d0a-4c39-9a51-%';

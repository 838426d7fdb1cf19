-- Up Migration
insert into products.products (id, name, description, price_cents, available) values
  (1, 'Keyboard', 'Mechanical, with brown switches', 7900, 100000),
  (2, 'Mouse', 'Six buttons, for either hand', 3900, 5000),
  (3, 'Monitor 27"', 'Sharp enough for small type', 32900, 400),
  (4, 'Monitor arm', 'Clamps to the edge of a desk', 8900, 350),
  (5, 'Laptop stand', 'Lifts a screen to eye level', 4500, 800),
  (6, 'Webcam', 'Full HD, with a cover', 6900, 600),
  (7, 'Headphones', 'Closed, with a long cable', 12900, 450),
  (8, 'Microphone', 'USB, with a table stand', 9900, 300),
  (9, 'Desk lamp', 'Warm or cold light', 5900, 700),
  (10, 'Desk mat', 'Felt, 80 by 40 cm', 2900, 1200),
  (11, 'USB-C cable', 'Two metres, 100 W', 1500, 5000),
  (12, 'USB-C hub', 'Seven sockets', 4900, 900),
  (13, 'Charger', '65 W, folds flat', 3500, 1500),
  (14, 'Power bank', 'Charges a phone four times', 4200, 1000),
  (15, 'External SSD', 'One terabyte', 9900, 650),
  (16, 'Memory card', '256 gigabytes', 2500, 2000),
  (17, 'Wrist rest', 'For keyboards of any width', 1900, 1100),
  (18, 'Footrest', 'Tilts both ways', 3900, 250),
  (19, 'Office chair', 'Mesh back, five castors', 24900, 120),
  (20, 'Whiteboard', '90 by 60 cm', 5500, 180),
  (21, 'Notebook', 'Dotted, 200 pages', 1200, 4000),
  (22, 'Fountain pen', 'Fine nib, takes cartridges', 2900, 900),
  (23, 'Backpack', 'Room for a 16" laptop', 7500, 500),
  (24, 'Signed poster', 'The last one is sold', 9900, 0);

-- The next product gets the next id.
select setval(pg_get_serial_sequence('products.products', 'id'), max(id)) from products.products;

-- Down Migration
delete from products.products where id <= 24;

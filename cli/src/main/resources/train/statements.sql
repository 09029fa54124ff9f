-- What users write, in small. Run several times over: it leaves nothing behind.
CREATE TABLE people (
  id BIGINT PRIMARY KEY, name VARCHAR(40) NOT NULL, country CHAR(2) DEFAULT 'DE', since DATE, score DOUBLE PRECISION,
  active BOOLEAN DEFAULT TRUE, CONSTRAINT has_name CHECK (char_length(name) > 0));
CREATE TABLE purchases (
  customer BIGINT, number INTEGER, total DECIMAL(10,2) NOT NULL, placed TIMESTAMP WITH TIME ZONE DEFAULT now(),
  note TEXT, PRIMARY KEY (customer, number));
INSERT INTO people VALUES (1, 'ada', 'GB', DATE '2020-02-29', 1.5, TRUE), (2, 'bob', DEFAULT, NULL, NULL, FALSE),
  (3, 'cleo', 'FR', '2021-06-01', 3.25, TRUE);
INSERT INTO purchases (customer, number, total) VALUES (1, 1, 12.50), (1, 2, 7), (2, 1, 99.99) RETURNING number, placed;
INSERT INTO people (id, name) VALUES (3, 'Cleopatra'), (4, 'dora') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, name;
INSERT INTO purchases (customer, number, total) SELECT id, 10, score * 2 FROM people WHERE score IS NOT NULL;
UPDATE purchases SET total = total * 1.1, note = 'raised' WHERE customer IN (SELECT id FROM people WHERE country = 'GB');
UPDATE people SET score = 4.5 WHERE id = 2;
DELETE FROM purchases WHERE total = 0 RETURNING *;
SELECT * FROM people;
SELECT * FROM purchases WHERE customer = 1 AND number = 2;
SELECT count(*), sum(total), avg(total), count(DISTINCT customer), max(total) FILTER (WHERE number = 1) FROM purchases;
SELECT name, CASE WHEN since IS NULL THEN 'unknown' ELSE 'since ' || since END FROM people WHERE name NOT LIKE 'b%' ORDER BY name;
SELECT upper(left(name, 1)) || substring(name FROM 2), coalesce(EXTRACT(YEAR FROM since), 0) FROM people;
SELECT round(2.345, 2), 7 / 2, 2 ^ 10, DATE '2024-01-31' + INTERVAL '1' MONTH, CAST('12' AS INTEGER), 1e3, 'x' || 1, now();
SELECT c.id, c.name, count(o.number) AS purchased, sum(o.total) FROM people c LEFT JOIN purchases o ON o.customer = c.id
  GROUP BY c.id, c.name ORDER BY 4 DESC NULLS LAST LIMIT 10;
WITH big AS (SELECT customer, sum(total) AS spent FROM purchases GROUP BY customer HAVING sum(total) > 10)
SELECT c.name, b.spent FROM people c JOIN big b ON b.customer = c.id WHERE EXISTS (SELECT 1 FROM purchases WHERE customer = c.id) ORDER BY spent;
SELECT customer, number, rank() OVER (PARTITION BY customer ORDER BY total DESC), sum(total) OVER (ORDER BY customer, number ROWS 2 PRECEDING) FROM purchases;
SELECT name FROM people UNION SELECT note FROM purchases EXCEPT SELECT 'bob' ORDER BY 1;
SELECT DISTINCT country FROM people WHERE id IN (1, 2, 3) OR score BETWEEN 1 AND 2 ORDER BY country OFFSET 1;
SELECT l_shipmode, count(*), sum(l_extendedprice * (1 - l_discount)), min(l_shipdate), avg(l_quantity) FROM lineitem
  WHERE l_shipdate >= DATE '1994-01-01' AND l_comment LIKE '%the%' GROUP BY l_shipmode ORDER BY l_shipmode;
BEGIN;
SELECT total FROM purchases WHERE customer = 1 AND number = 1;
UPDATE purchases SET total = total + 1 WHERE customer = 1 AND number = 1;
INSERT INTO purchases (customer, number, total) VALUES (3, 7, 1);
SELECT sum(total) FROM purchases;
COMMIT;
BEGIN READ ONLY;
SELECT count(*) FROM purchases;
ROLLBACK;
SELECT count(*) FROM nation FOR SYSTEM_TIME AS OF now() - INTERVAL '0.01' SECOND;
ALTER TABLE people ADD COLUMN points INTEGER NOT NULL DEFAULT 0;
SELECT * FROM people ORDER BY points, id DESC;
COPY (SELECT id, name, country FROM people ORDER BY id) TO 'people.csv' WITH (FORMAT csv, HEADER);
CREATE TABLE loaded (id BIGINT PRIMARY KEY, name TEXT, country TEXT, at TIMESTAMP DEFAULT LOCALTIMESTAMP);
COPY loaded (id, name, country) FROM 'people.csv' WITH (FORMAT csv, HEADER true);
COPY loaded TO STDOUT WITH (FORMAT csv);
SET TIME ZONE 'Europe/Berlin';
SHOW ALL;
RESET ALL;
SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY 1, ordinal_position;
EXPLAIN SELECT * FROM purchases WHERE customer = 1 AND number = 2;
EXPLAIN ANALYZE SELECT country, count(*) FROM people GROUP BY country;
TRUNCATE TABLE loaded;
DROP TABLE loaded;
DROP TABLE people;
DROP TABLE purchases;

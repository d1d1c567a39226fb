-- Roles and databases on a PostgreSQL that is not the embedded one: run with psql as a superuser; may be run again.
--
-- Each service, and the portal, has a database with two roles: the owner (<service>_owner), as whom migrations run, and the runtime role (<service>), to
-- which the migrations give what its tables declare. triptych_verify reads everything and writes nothing. The passwords come from the
-- environment: <SERVICE>_PASSWORD, <SERVICE>_OWNER_PASSWORD, TRIPTYCH_VERIFY_PASSWORD; without one of them it stops.
\set ON_ERROR_STOP on
\getenv applications APPLICATIONS_PASSWORD
\getenv applications_owner APPLICATIONS_OWNER_PASSWORD
\getenv evaluation EVALUATION_PASSWORD
\getenv evaluation_owner EVALUATION_OWNER_PASSWORD
\getenv payments PAYMENTS_PASSWORD
\getenv payments_owner PAYMENTS_OWNER_PASSWORD
\getenv people PEOPLE_PASSWORD
\getenv people_owner PEOPLE_OWNER_PASSWORD
\getenv vouchers VOUCHERS_PASSWORD
\getenv vouchers_owner VOUCHERS_OWNER_PASSWORD
\getenv portal PORTAL_PASSWORD
\getenv portal_owner PORTAL_OWNER_PASSWORD
\getenv triptych_verify TRIPTYCH_VERIFY_PASSWORD

CREATE TEMPORARY TABLE roles (role text, password text, service text);
INSERT INTO roles VALUES
    ('applications', :'applications', 'applications'), ('applications_owner', :'applications_owner', NULL),
    ('evaluation', :'evaluation', 'evaluation'), ('evaluation_owner', :'evaluation_owner', NULL),
    ('payments', :'payments', 'payments'), ('payments_owner', :'payments_owner', NULL),
    ('people', :'people', 'people'), ('people_owner', :'people_owner', NULL),
    ('vouchers', :'vouchers', 'vouchers'), ('vouchers_owner', :'vouchers_owner', NULL),
    ('portal', :'portal', 'portal'), ('portal_owner', :'portal_owner', NULL),
    ('triptych_verify', :'triptych_verify', NULL);

SELECT format('CREATE ROLE %I', role) FROM roles WHERE role NOT IN (SELECT rolname FROM pg_roles) \gexec
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', role, password) FROM roles \gexec
GRANT pg_read_all_data TO triptych_verify;
ALTER ROLE triptych_verify SET default_transaction_read_only = on;

SELECT format('CREATE DATABASE %I OWNER %I', service, service || '_owner')
FROM roles WHERE service NOT IN (SELECT datname FROM pg_database) \gexec

-- In each database: what the runtime role owns (an installation from before there were two roles) goes to the owner. Then the grants,
-- because the role loses with what it owns its own rights. The migrations, run as the owner, give the privileges on the tables.
\connect applications
REASSIGN OWNED BY applications TO applications_owner;
REVOKE ALL ON DATABASE applications FROM PUBLIC;
GRANT CONNECT ON DATABASE applications TO applications, triptych_verify;
\connect evaluation
REASSIGN OWNED BY evaluation TO evaluation_owner;
REVOKE ALL ON DATABASE evaluation FROM PUBLIC;
GRANT CONNECT ON DATABASE evaluation TO evaluation, triptych_verify;
\connect payments
REASSIGN OWNED BY payments TO payments_owner;
REVOKE ALL ON DATABASE payments FROM PUBLIC;
GRANT CONNECT ON DATABASE payments TO payments, triptych_verify;
\connect people
REASSIGN OWNED BY people TO people_owner;
REVOKE ALL ON DATABASE people FROM PUBLIC;
GRANT CONNECT ON DATABASE people TO people, triptych_verify;
\connect vouchers
REASSIGN OWNED BY vouchers TO vouchers_owner;
REVOKE ALL ON DATABASE vouchers FROM PUBLIC;
GRANT CONNECT ON DATABASE vouchers TO vouchers, triptych_verify;
\connect portal
REASSIGN OWNED BY portal TO portal_owner;
REVOKE ALL ON DATABASE portal FROM PUBLIC;
GRANT CONNECT ON DATABASE portal TO portal, triptych_verify;

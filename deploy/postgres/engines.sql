-- Databases of the servers that keep their state in the same PostgreSQL: Temporal (two) and Keycloak. Run with psql as a superuser; may be
-- run again. The passwords come from the environment: TEMPORAL_PASSWORD, KEYCLOAK_PASSWORD.
\set ON_ERROR_STOP on
\getenv temporal TEMPORAL_PASSWORD
\getenv keycloak KEYCLOAK_PASSWORD

CREATE TEMPORARY TABLE engines (role text, password text);
INSERT INTO engines VALUES ('temporal', :'temporal'), ('keycloak', :'keycloak');
SELECT format('CREATE ROLE %I', role) FROM engines WHERE role NOT IN (SELECT rolname FROM pg_roles) \gexec
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', role, password) FROM engines \gexec

CREATE TEMPORARY TABLE wanted (name text, owner text);
INSERT INTO wanted VALUES ('temporal', 'temporal'), ('temporal_visibility', 'temporal'), ('keycloak', 'keycloak');
SELECT format('CREATE DATABASE %I OWNER %I', name, owner) FROM wanted WHERE name NOT IN (SELECT datname FROM pg_database) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', name) FROM wanted \gexec

\set password `cat "/run/provehouse/$CONSUMER.password"`
SELECT format('CREATE ROLE %I LOGIN', :'consumer')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'consumer') \gexec
ALTER ROLE :"consumer" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'consumer', :'consumer')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'consumer') \gexec
REVOKE CONNECT ON DATABASE :"consumer" FROM PUBLIC;

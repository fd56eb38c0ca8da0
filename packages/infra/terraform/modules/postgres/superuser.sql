\set password `cat /run/provehouse/superuser.password`
ALTER ROLE postgres PASSWORD :'password';
